/** The soak in short: everything happens, nothing unexpected comes of it, and it can fail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Seen, soak } from './soak.ts';

const KINDS = ['register', 'login', 'wrong password', 'verify', 'refresh', 'bearer', 'logout'];
const SHORT = { seed: 1, people: 6, pause: 120, faultEvery: 1 };
/** Only catches hangs: what a busy machine shows later is waited for. */
const LIMIT_S = 200;
// A little less: timers and clocks round.
const LONGEST_WAIT_MS = 950;

/** How long a password waited for its 503; 0 for whatever else is unexpected. */
const waitedFor = (line: string) =>
  Number(/ (?:register|login|wrong password) \S+: 503 after (\d+) ms /.exec(line)?.[1] ?? 0);

function missingOf({ figures, spells }: Seen): string[] {
  const missing = [...KINDS, 'after logout', 'junk', 'flood'].filter((kind) => !figures.has(kind));
  const faults = ['flood', 'lock', ...(process.platform === 'linux' ? ['killed'] : [])];
  return [...missing, ...faults.filter((kind) => !spells[kind])];
}

test('everything at once: no unexpected response, nothing grows', async (t) => {
  const isEnough = (seen: Seen) => missingOf(seen).length === 0;
  const report = await soak({ ...SHORT, seconds: LIMIT_S, isEnough });
  const { spells, rss, descriptors, seconds } = report;
  t.diagnostic(JSON.stringify({ seconds, spells, rss, descriptors }));
  // On a machine that is busy with other tests a password may wait its second in vain without any
  // flood; none may be refused at once.
  const inVain = report.unexpected.filter((each) => waitedFor(each) >= LONGEST_WAIT_MS);
  t.diagnostic(`${inVain.length} waited in vain`);
  assert.deepEqual(
    report.unexpected.filter((each) => !inVain.includes(each)),
    [],
  );
  assert.deepEqual(missingOf(report), []);
  if (process.platform !== 'linux') return;
  assert.ok(rss.start > 0 && rss.end < rss.start * 1.4, `memory ${JSON.stringify(rss)}`);
  const isFew = descriptors.end < descriptors.start * 2 + 50;
  assert.ok(isFew, `descriptors ${JSON.stringify(descriptors)}`);
});

test('with a planted bug, two successors of one refresh token, it has something to say', async () => {
  const isFound = ({ unexpected }: Pick<Seen, 'unexpected'>) =>
    unexpected.some((each) => /\d successors of one token/.test(each));
  const report = await soak({ ...SHORT, seconds: LIMIT_S, isEnough: isFound, isPlanted: true });
  assert.ok(isFound(report));
});
