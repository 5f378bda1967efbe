/** The short form of every experiment: it holds, and it can fail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engine } from '../../packages/server/test/support/databases.ts';
import { experiments } from './experiments.ts';

const SEED = 1;
const LONGEST_S = 20;
/** On PostgreSQL, where each starts a server of its own, those about two nodes and one row. */
const ON_POSTGRES = ['I3', 'I4'];

const chosen = experiments.filter(({ id }) => engine === 'sqlite' || ON_POSTGRES.includes(id));

for (const { id, invariant, plantedBug, run } of chosen) {
  test(`${id}: ${invariant}`, async (t) => {
    // A slow machine shows nothing in two seconds: it is given more, and each retry is told.
    for (let seconds = 2; ; seconds *= 3) {
      const { figures, violations } = await run({ seconds, seed: SEED, planted: false });
      t.diagnostic(`${seconds} s: ${JSON.stringify(figures)}`);
      assert.deepEqual(violations, []);
      const missing = Object.entries(figures).find(
        ([name, count]) => name !== 'unanswered' && !(count > 0),
      );
      if (!missing) return;
      assert.ok(seconds < LONGEST_S, `no ${missing[0]}: nothing was shown`);
    }
  });

  test(`${id} comes out broken with its planted bug: ${plantedBug}`, async (t) => {
    for (let seconds = 1; ; seconds *= 3) {
      const { figures, violations } = await run({ seconds, seed: SEED, planted: true });
      t.diagnostic(`${seconds} s: ${violations.length} violations; ${JSON.stringify(figures)}`);
      if (violations.length > 0) return;
      assert.ok(seconds < LONGEST_S, 'the planted bug was not found');
    }
  });
}
