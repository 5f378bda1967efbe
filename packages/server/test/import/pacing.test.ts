/** LE03: a failed login takes the same time whether the account's hash is old, new or missing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPacing } from '../../src/passwords/pacing.ts';

const OWN_MS = 15;

test('nothing waits while all hashes have the present costs', () => {
  const pacing = createPacing();
  for (let i = 0; i < 100; i++) {
    pacing.compared('own', OWN_MS + (i % 5));
    assert.equal(pacing.restOf(OWN_MS + (i % 5)), 0);
  }
});

for (const foreign of [
  { PBKDF2: 60 },
  { bcrypt: 190 },
  { 'a cheap one': 4 },
  { PBKDF2: 60, bcrypt: 190 },
  { 'PBKDF2 of Django 3': 15, 'PBKDF2 of Django 6': 70, 'a cheap one': 4 },
]) {
  const kinds = Object.entries({ own: OWN_MS, ...foreign });
  test(`LE03 with ${Object.keys(foreign).join(' and ')} beside Argon2id all failures take the same time`, () => {
    const pacing = createPacing();
    const totals = kinds.map(() => 0);
    for (let round = 0; round < 100; round++)
      for (const [i, [kind, ms]] of kinds.entries()) {
        pacing.compared(kind, ms);
        const total = ms + pacing.restOf(ms);
        if (round > 0) totals[i] = (totals[i] ?? 0) + total;
      }
    const spread = Math.max(...totals) / Math.min(...totals) - 1;
    assert.ok(spread < 0.01, `${totals}`);
  });
}

test('no login is delayed by more than two seconds', () => {
  const pacing = createPacing();
  pacing.compared('own', OWN_MS);
  pacing.compared('slow', 60_000);
  assert.equal(pacing.restOf(OWN_MS), 2000);
});

test('hashes of ever new costs do not grow memory', () => {
  const pacing = createPacing();
  pacing.compared('own', OWN_MS);
  for (let i = 0; i < 1000; i++) pacing.compared(`pbkdf2 ${i}`, i);
  assert.ok(pacing.restOf(OWN_MS) < 64, 'kinds beyond the bound were noted');
});
