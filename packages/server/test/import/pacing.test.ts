/** LE03: a failed login takes as long whether the account's hash is old, new or not there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPacing } from '../../src/passwords/pacing.ts';

const OWN_MS = 15;

test('where all hashes are of today nothing waits', () => {
  const pacing = createPacing();
  for (let i = 0; i < 100; i++) assert.equal(pacing.failed(OWN_MS + (i % 5), false), 0);
});

for (const [name, foreignMs] of [
  ['PBKDF2', 60],
  ['bcrypt', 190],
  ['a cheap one', 4],
] as const) {
  test(`LE03 with ${name} (${foreignMs} ms) beside Argon2id (${OWN_MS} ms) failures take the same time`, () => {
    const pacing = createPacing();
    const totals = { own: 0, foreign: 0 };
    for (let i = 0; i < 200; i++) {
      const isForeign = i % 2 === 1;
      const ms = isForeign ? foreignMs : OWN_MS;
      const total = ms + pacing.failed(ms, isForeign);
      if (i < 2) continue;
      if (isForeign) totals.foreign += total;
      else totals.own += total;
    }
    assert.ok(Math.abs(totals.own / totals.foreign - 1) < 0.01, JSON.stringify(totals));
  });
}

test('nobody is kept longer than two seconds, whatever a comparison took', () => {
  const pacing = createPacing();
  pacing.failed(60_000, true);
  assert.equal(pacing.failed(OWN_MS, false), 2000);
});
