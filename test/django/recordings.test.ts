/**
 * The newest SimpleJWT answers the golden sample as it was recorded, and 5.2 as the sample says, so the
 * recorder is right. RECORD=1 writes the recording anew.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEBIAN, NEWEST } from './django.ts';
import { record, recorded, write } from './record.ts';

/** Debian has patched its PyJWT since the sample was made: a `kid` that is no text is refused. */
const OF_ITS_PYJWT = [
  'default refresh/tok-header-kid-number',
  'default verify/tok-header-kid-number',
];

test('the recorder finds nothing new in SimpleJWT 5.2', { skip: DEBIAN.missing }, async (t) => {
  const { answers } = await record(t, DEBIAN);
  assert.deepEqual(Object.keys(answers), OF_ITS_PYJWT);
});

test('the newest SimpleJWT responds as recorded', { skip: NEWEST.missing }, async (t) => {
  const made = await record(t, NEWEST);
  if (process.env['RECORD'] === '1') write(made);
  assert.deepEqual(made.answers, recorded().answers);
});
