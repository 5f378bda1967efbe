/** Several processes that create one database at the same moment: none of them may fail. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { workDirectory } from './support/process.ts';

const ROUNDS = 40;

test('ST15 three processes that open a new database at once all can', async (t) => {
  const place = await workDirectory(t);
  const openers = [1, 2, 3].map(() => fork(join(import.meta.dirname, 'support/opener.ts')));
  t.after(() => openers.map((opener) => opener.kill()));
  await Promise.all(openers.map((opener) => once(opener, 'message')));
  for (let round = 0; round < ROUNDS; round++) {
    const directory = join(place, String(round));
    await mkdir(directory);
    const at = Date.now() + 5;
    const outcomes = await Promise.all(
      openers.map((opener) => {
        const outcome = once(opener, 'message');
        opener.send({ directory, at });
        return outcome;
      }),
    );
    assert.deepEqual(
      outcomes.map(([outcome]) => outcome),
      ['opened', 'opened', 'opened'],
      `round ${round}`,
    );
  }
});
