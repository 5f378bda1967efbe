/** Codes of authenticator apps: RFC 6238's vectors, and another library as the oracle. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateSync } from 'otplib';
import { codeFrom, hashOf, readCode } from '../../src/mfa/recovery-codes.ts';
import { enrolmentOf, stepOf } from '../../src/mfa/totp.ts';

/** RFC 6238, appendix B, the rows of SHA-1: epoch seconds and the eight digits. */
const VECTORS = [
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
] as const;
const RFC_SECRET = Buffer.from('12345678901234567890');

test("RFC 6238's vectors are accepted at their time and one step before and after only", () => {
  const totp = { secret: RFC_SECRET, digits: 8, period: 30 };
  for (const [seconds, code] of VECTORS) {
    const step = Math.floor(seconds / 30);
    const at = (steps: number) => stepOf(code, totp, (step + steps) * 30_000);
    assert.deepEqual(
      [at(-2), at(-1), at(0), at(1), at(2)],
      [undefined, step, step, step, undefined],
    );
    assert.equal(stepOf(code.slice(2), totp, seconds * 1000), undefined, 'too few digits');
    assert.equal(stepOf(`${code.slice(0, 4)} ${code.slice(4)}`, totp, seconds * 1000), step);
  }
});

test('a thousand codes of otplib are accepted', () => {
  for (let i = 0; i < 1000; i++) {
    const bytes = Buffer.from(`secret number ${i} and more`).subarray(0, 20);
    const totp = { secret: bytes, digits: 6, period: 30 };
    const { secret } = enrolmentOf(totp, 'Example', 'alice@example.com');
    const seconds = 1_700_000_000 + i * 977;
    const code = generateSync({ secret, epoch: seconds });
    assert.equal(stepOf(code, totp, seconds * 1000), Math.floor(seconds / 30));
  }
});

test('only six digits are a code', () => {
  const totp = { secret: RFC_SECRET, digits: 6, period: 30 };
  for (const text of [
    '',
    '12345',
    '1234567',
    'abcdef',
    '１２３４５６',
    '-12345',
    '1e5',
    '12345\n',
    '0x1234',
  ])
    assert.equal(stepOf(text, totp, 59_000), undefined, JSON.stringify(text));
});

test('the URI of a QR code holds what an app needs', () => {
  const totp = { secret: RFC_SECRET, digits: 6, period: 30 };
  const { uri } = enrolmentOf(totp, 'id.example.com', 'alice+x@example.com');
  const url = new URL(uri);
  assert.equal(url.protocol, 'otpauth:');
  assert.equal(decodeURIComponent(url.pathname), '/id.example.com:alice+x@example.com');
  assert.deepEqual(Object.fromEntries(url.searchParams), {
    issuer: 'id.example.com',
    secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
    algorithm: 'SHA1',
    digits: '6',
    period: '30',
  });
});

test('a recovery code has 120 bits, is read in any spelling, and its hash is bound to the account', () => {
  const code = codeFrom(Uint8Array.from({ length: 15 }, (_, i) => i * 17));
  assert.match(code, /^(?:[a-z2-7]{4}-){5}[a-z2-7]{4}$/);
  const plain = readCode(code);
  assert.ok(plain !== undefined);
  assert.equal(readCode(` ${code.toUpperCase().replaceAll('-', ' ')} `), plain);
  for (const other of ['', '123456', `${code}a`, code.slice(1), code.replace(/^./, '1')])
    assert.equal(readCode(other), undefined, other);
  assert.notEqual(hashOf(1, plain), hashOf(2, plain));
});
