import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { importSecret, verifyCompactJws } from '../src/index.ts';
import { keyRefusal, mintHs256 } from './mint.ts';

describe('a shared secret', () => {
  const import_ = (...args: unknown[]) =>
    keyRefusal(() => Reflect.apply(importSecret, undefined, args));
  test('has the length of the hash at least, counted in bytes', () => {
    assert.equal(import_('x'.repeat(31)), 'too_short');
    assert.equal(import_(''), 'too_short');
    assert.equal(import_(new Uint8Array(0)), 'too_short');
    assert.equal(import_(new Uint8Array(47), 'HS384'), 'too_short');
    assert.equal(import_('x'.repeat(32)), 'accepted');
    assert.equal(import_('я'.repeat(16)), 'accepted');
    assert.equal(import_(new Uint8Array(64), 'HS512'), 'accepted');
  });
  test('is well-formed Unicode or bytes', () => {
    assert.equal(import_(`${'x'.repeat(40)}\ud800`), 'bad_encoding');
    for (const wrong of [undefined, null, 7, {}, ['x'.repeat(40)]]) {
      assert.throws(() => Reflect.apply(importSecret, undefined, [wrong]), TypeError);
    }
    assert.throws(
      () => Reflect.apply(importSecret, undefined, ['x'.repeat(64), 'RS256']),
      TypeError,
    );
  });
  test('is copied: later writes to the buffer change nothing', () => {
    const bytes = new Uint8Array(32).fill(1);
    const key = importSecret(bytes);
    bytes.fill(2);
    const token = mintHs256({ alg: 'HS256' }, '', new Uint8Array(32).fill(1));
    assert.doesNotThrow(() => verifyCompactJws(token, key, 'HS256'));
  });
});
