/** The soak in short: everything happens, nothing unexpected comes of it, and it can fail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soak } from './soak.ts';

const KINDS = ['register', 'login', 'wrong password', 'verify', 'refresh', 'bearer', 'logout'];
const SHORT = { seed: 1, people: 6, pause: 120, faultEvery: 1.5 };
// A little less: timers and clocks round.
const LONGEST_WAIT_MS = 950;

/** How long a password waited for its 503; 0 for whatever else is unexpected. */
const waitedFor = (line: string) =>
  Number(/ (?:register|login|wrong password) \S+: 503 after (\d+) ms /.exec(line)?.[1] ?? 0);

test('20 seconds of everything at once: no unexpected response, nothing grows', async (t) => {
  const report = await soak({ ...SHORT, seconds: 20 });
  const { figures, spells, rss, descriptors } = report;
  t.diagnostic(JSON.stringify({ spells, rss, descriptors }));
  // On a machine that is busy with other tests a password may wait its second in vain without any
  // flood; refused at once nobody may be.
  const inVain = report.unexpected.filter((each) => waitedFor(each) >= LONGEST_WAIT_MS);
  const wrong = report.unexpected.filter((each) => !inVain.includes(each));
  t.diagnostic(`${inVain.length} waited in vain`);
  assert.deepEqual(wrong, []);
  for (const kind of [...KINDS, 'after logout', 'junk', 'flood'])
    assert.ok(figures.has(kind), `no ${kind}: nothing was shown`);
  assert.ok(spells.flood > 0 && spells.lock > 0, JSON.stringify(spells));
  if (process.platform === 'linux') {
    assert.ok(spells.killed + spells.stopped > 0, JSON.stringify(spells));
    assert.ok(rss.start > 0 && rss.end < rss.start * 1.6, JSON.stringify(rss));
    assert.ok(descriptors.end < descriptors.start * 2 + 50, JSON.stringify(descriptors));
  }
});

test('with a planted bug, two successors of one refresh token, it has something to say', async () => {
  const { unexpected } = await soak({ ...SHORT, seconds: 8, isPlanted: true });
  assert.ok(unexpected.some((each) => /\d successors of one token/.test(each)));
});
