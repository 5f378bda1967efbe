/**
 * docs/security-cases.md, group TF: signatures and ciphertexts of other kinds, and extensions of
 * the header.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CompactEncrypt } from 'jose';
import { costOf } from '../support/cost.ts';
import { forge, SECRET } from '../support/service.ts';
import { type Claims, startTarget, type Target } from './support/refusals.ts';

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const splitToken = (token: string) => token.split('.') as [string, string, string];
const withHeader = (header: unknown) => (payload: Claims) => forge({ header, payload });

test('TF14 a signed token with an extension is refused', async (t) => {
  const target = await startTarget(t);
  const extensions = [{ crit: ['x'], x: 1 }, { crit: [] }, { crit: ['exp'] }, { crit: null }];
  const b64 = [{ b64: false }, { b64: true }, { b64: false, crit: ['b64'] }];
  for (const extra of [...extensions, ...b64])
    await target.refuses(
      JSON.stringify(extra),
      withHeader({ alg: 'HS256', typ: 'JWT', ...extra }),
      {
        reason: 'malformed',
      },
    );
});

/** @param alter the tag of a rightly signed token */
const withTag =
  (alter: (tag: Buffer) => Buffer, header?: object) =>
  (payload: Claims): string => {
    const [head, body, signature] = splitToken(forge({ payload, ...(header && { header }) }));
    return `${head}.${body}.${alter(Buffer.from(signature, 'base64url')).toString('base64url')}`;
  };

test('TF15 signatures of another algorithm are refused, including psychic signatures', async (t) => {
  const target = await startTarget(t);
  const order = Buffer.from(
    'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
    'hex',
  );
  const one = Buffer.concat([Buffer.alloc(31), Buffer.from([1])]);
  for (const [r, s] of [
    [Buffer.alloc(32), Buffer.alloc(32)],
    [order, one],
    [one, order],
  ] as const)
    await target.refuses(
      'ES256',
      withTag(() => Buffer.concat([r, s]), { alg: 'ES256' }),
    );
  for (const bytes of [63, 64, 65])
    await target.refuses(
      `HS256 of ${bytes} zero bytes`,
      withTag(() => Buffer.alloc(bytes)),
    );
});

test('TF27 tags are compared only by the constant-time function', () => {
  const path = join(import.meta.dirname, '../../../verifier/src/signature.ts');
  const [, hmac = ''] = readFileSync(path, 'utf8').split('function hmacCheck');
  const [body = ''] = hmac.split('\n}\n');
  // A comparison that leaks tells itself apart by nanoseconds: no test sees them beside an HMAC.
  assert.match(
    body,
    /if \(tag\.length !== tagBytes\) return false;[\s\S]+return timingSafeEqual\(/,
  );
  assert.doesNotMatch(body, /expected\S* ?[!=]==|\.equals\(|\.compare\(/);
});

test('TF16 a tag is compared at its full length', async (t) => {
  const target = await startTarget(t);
  await target.accepts(
    'control',
    withTag((tag) => tag),
  );
  for (const length of [1, 16, 31])
    await target.refuses(
      `${length} bytes`,
      withTag((tag) => tag.subarray(0, length)),
    );
  for (const extra of [1, 32])
    await target.refuses(
      `${extra} more`,
      withTag((tag) => Buffer.concat([tag, tag.subarray(0, extra)])),
    );
});

async function encrypted(target: Target, key: Buffer): Promise<string> {
  const claims = Buffer.from(JSON.stringify(target.claims('access')));
  const header = { alg: 'dir', enc: 'A256GCM' };
  return new CompactEncrypt(claims).setProtectedHeader(header).encrypt(key);
}

test('TF18 encrypted tokens are refused without decryption', async (t) => {
  const target = await startTarget(t);
  for (const key of [Buffer.from(SECRET, 'hex'), Buffer.from(SECRET.slice(0, 32))]) {
    const token = await encrypted(target, key);
    await target.refuses('dir', () => token, { reason: 'malformed' });
  }
  const bombs = [
    { alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 2147483647, p2s: 'AAAA' },
    { alg: 'dir', enc: 'A256GCM', zip: 'DEF' },
  ];
  const refuse = async (header: { alg: string }) => {
    await target.refuses(header.alg, () => `${base64url(header)}.AAAA.AAAA.AAAA.AAAA`);
    await target.refuses(header.alg, withHeader(header));
  };
  const usual = await costOf(() => refuse({ alg: 'none' }), 1);
  for (const header of bombs) {
    const cost = await costOf(() => refuse(header), 1);
    assert.ok(cost < 10 * usual, `${header.alg}: ${cost} ms against ${usual} ms`);
  }
});
