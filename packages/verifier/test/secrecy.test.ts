import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { inspect } from 'node:util';
import {
  createKeySet,
  importJwk,
  importSecret,
  KeyError,
  TokenError,
  verifyToken,
} from '../src/index.ts';
import { mintHs256 } from './mint.ts';

const SECRET = 'correct-horse-battery-staple-0123456789-canary';
const spellings = (text: string) => [
  text,
  Buffer.from(text).toString('hex'),
  Buffer.from(text).toString('base64url').slice(0, -2),
  inspect(Buffer.from(text)).slice(8, 60),
];
const look = (value: unknown) => [
  inspect(value, { depth: null, showHidden: true, getters: true }),
  JSON.stringify(value),
  String(value),
];

test('a key shows its algorithm and nothing else', () => {
  const key = importSecret(SECRET);
  const set = createKeySet([{ kid: 'a', key }]);
  for (const shown of [key, set, set.find('a'), [key], new Error('x', { cause: key })].flatMap(
    look,
  )) {
    for (const secret of spellings(SECRET)) assert.ok(!shown?.includes(secret));
  }
  assert.equal(JSON.stringify(key), '{"algorithm":"HS256"}');
  assert.deepEqual(Reflect.ownKeys(key), ['algorithm']);
});

test('a refused key is not in the message', () => {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const short = 'short-canary-secret';
  for (const [action, secret] of [
    [() => importSecret(short), short],
    [() => importJwk({ kty: 'oct', k: `${short}!` }, 'HS256'), short],
    [() => importJwk({ kty: short }, 'HS256'), short],
    [() => importJwk({ ...jwk, alg: short }, 'EdDSA'), short],
    [() => importJwk(jwk, 'EdDSA'), jwk.d ?? ''],
  ] as const) {
    assert.throws(action, (error) => {
      assert.ok(error instanceof KeyError);
      return look(error).every((shown) => !shown?.includes(secret));
    });
  }
});

test('a refused token is not in the error, which has no stack and leaves stacks on', () => {
  const keys = createKeySet([{ key: importSecret(SECRET) }]);
  const canary = 'canary-4711-claim';
  const fine = { exp: 2000, jti: canary };
  const tokens = [
    canary,
    `${canary}.${canary}.${canary}`,
    canary.repeat(1000),
    mintHs256({ alg: canary }, fine, SECRET),
    mintHs256({ alg: 'HS256', kid: canary }, fine, SECRET),
    mintHs256(`{"${canary}`, fine, SECRET),
    mintHs256({ alg: 'HS256' }, `{"${canary}`, SECRET),
    mintHs256({ alg: 'HS256' }, fine, 'another'),
    mintHs256({ alg: 'HS256' }, { ...fine, exp: 1 }, SECRET),
    mintHs256({ alg: 'HS256' }, { ...fine, exp: canary }, SECRET),
    mintHs256({ alg: 'HS256' }, { ...fine, iss: canary }, SECRET),
    mintHs256({ alg: 'HS256' }, { ...fine, token_type: canary }, SECRET),
  ];
  for (const token of tokens) {
    assert.throws(
      () => verifyToken(token, { keys, now: 1000, issuer: 'me', tokenType: 'access' }),
      (error) => {
        assert.ok(error instanceof TokenError && Error.isError(error));
        assert.ok(!error.stack?.includes('\n'));
        const parts = token.split('.').filter((part) => part.length > 8);
        return look(error).every(
          (shown) => !shown?.includes(canary) && !parts.some((part) => shown?.includes(part)),
        );
      },
    );
  }
  assert.ok(new Error('x').stack?.includes('\n'));
});
