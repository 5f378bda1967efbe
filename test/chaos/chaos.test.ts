/** The short form of every experiment: it holds, and it can fail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engine } from '../../packages/server/test/support/databases.ts';
import { experiments } from './experiments.ts';

const SEED = 1;
/** On PostgreSQL, where each starts a server of its own, those about two nodes and one row. */
const ON_POSTGRES = ['I3', 'I4'];

const chosen = experiments.filter(({ id }) => engine === 'sqlite' || ON_POSTGRES.includes(id));

for (const { id, invariant, plantedBug, run } of chosen) {
  test(`${id}: ${invariant}`, async (t) => {
    const { figures, violations } = await run({ seconds: 2, seed: SEED, planted: false });
    t.diagnostic(JSON.stringify(figures));
    assert.deepEqual(violations, []);
    for (const [name, count] of Object.entries(figures))
      if (name !== 'unanswered') assert.ok(count > 0, `no ${name}: nothing was shown`);
  });

  test(`${id} comes out broken with its planted bug: ${plantedBug}`, async (t) => {
    const { figures, violations } = await run({ seconds: 1, seed: SEED, planted: true });
    t.diagnostic(`${violations.length} violations; ${JSON.stringify(figures)}; ${violations[0]}`);
    assert.ok(violations.length > 0);
  });
}
