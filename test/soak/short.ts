/** The soak in short: everything happens, nothing unexpected comes of it, and it can fail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Report, soak } from './soak.ts';

const KINDS = ['register', 'login', 'wrong password', 'verify', 'refresh', 'bearer', 'logout'];
const SHORT = { seed: 1, people: 6, pause: 120, faultEvery: 1 };
const SECONDS = 12;
const PLANTED_SECONDS = 3;
const ATTEMPTS = 5;
// A little less: timers and clocks round.
const LONGEST_WAIT_MS = 950;

/** How long a password waited for its 503; 0 for whatever else is unexpected. */
const waitedFor = (line: string) =>
  Number(/ (?:register|login|wrong password) \S+: 503 after (\d+) ms /.exec(line)?.[1] ?? 0);

/** What happened in any attempt: a slow machine shows a part in each. */
const happened = new Set<string>();

/** What has not happened yet, or grew in this run. */
function doubtsOf({ figures, spells, rss, descriptors }: Report): string[] {
  for (const kind of figures.keys()) happened.add(kind);
  for (const [spell, count] of Object.entries(spells))
    if (count > 0) happened.add(`spell: ${spell}`);
  const expected = [...KINDS, 'after logout', 'junk', 'flood', 'spell: flood', 'spell: lock'];
  const doubts = expected.filter((kind) => !happened.has(kind)).map((kind) => `no ${kind}`);
  if (process.platform !== 'linux') return doubts;
  if (!happened.has('spell: killed') && !happened.has('spell: stopped'))
    doubts.push('no worker was killed or stopped');
  if (!(rss.start > 0 && rss.end < rss.start * 1.6)) doubts.push(`memory ${JSON.stringify(rss)}`);
  if (!(descriptors.end < descriptors.start * 2 + 50))
    doubts.push(`descriptors ${JSON.stringify(descriptors)}`);
  return doubts;
}

/** Runs it again, for longer each time, until nothing is in doubt; the last doubts fail. */
async function until(work: (attempt: number) => Promise<readonly string[]>): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const doubts = await work(attempt);
    if (doubts.length === 0) return;
    assert.ok(attempt < ATTEMPTS, doubts.join('; '));
    console.error(`soak, attempt ${attempt + 1} of ${ATTEMPTS}, because: ${doubts.join('; ')}`);
  }
}

test('everything at once: no unexpected response, nothing grows', (t) =>
  until(async (attempt) => {
    const report = await soak({ ...SHORT, seconds: attempt * SECONDS });
    const { spells, rss, descriptors } = report;
    t.diagnostic(JSON.stringify({ spells, rss, descriptors }));
    // On a machine that is busy with other tests a password may wait its second in vain without any
    // flood; none may be refused at once.
    const inVain = report.unexpected.filter((each) => waitedFor(each) >= LONGEST_WAIT_MS);
    t.diagnostic(`${inVain.length} waited in vain`);
    assert.deepEqual(
      report.unexpected.filter((each) => !inVain.includes(each)),
      [],
    );
    return doubtsOf(report);
  }));

test('with a planted bug, two successors of one refresh token, it has something to say', () =>
  until(async (attempt) => {
    const seconds = 2 ** (attempt - 1) * PLANTED_SECONDS;
    const { unexpected } = await soak({ ...SHORT, seconds, isPlanted: true });
    const isFound = unexpected.some((each) => /\d successors of one token/.test(each));
    return isFound ? [] : [`${seconds} s showed no second successor`];
  }));
