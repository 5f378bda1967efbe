import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import { createKeySet, importJwk, importSecret, verifyToken } from '../src/index.ts';
import { mintHs256, mintWith, type Part, refusal, SECRET } from './mint.ts';

const NOW = 1_800_000_000;
const CLAIMS = { token_type: 'access', exp: NOW + 300, iat: NOW, jti: 'a', user_id: 1 };
const OLD_SECRET = Buffer.alloc(32, 9);
const keys = createKeySet([
  { kid: 'new', key: importSecret(SECRET), default: true },
  { kid: 'old', key: importSecret(OLD_SECRET) },
]);
const outcome = (token: string, set = keys) =>
  refusal(() => verifyToken(token, { keys: set, now: NOW }));
const withKid = (kid: unknown, secret: Uint8Array = SECRET, claims: Part = CLAIMS) =>
  mintHs256({ alg: 'HS256', kid }, claims, secret);

describe('kid', () => {
  test('finds the key it names', () => {
    assert.equal(outcome(withKid('new')), 'accepted');
    assert.equal(outcome(withKid('old', OLD_SECRET)), 'accepted');
    assert.equal(outcome(withKid('old', SECRET)), 'bad_signature');
  });
  test('absent means the default key', () => {
    assert.equal(outcome(withKid(undefined)), 'accepted');
    assert.equal(outcome(withKid(undefined, OLD_SECRET)), 'bad_signature');
    const bare = createKeySet([{ key: importSecret(OLD_SECRET) }]);
    assert.equal(outcome(withKid(undefined, OLD_SECRET), bare), 'accepted');
    const named = createKeySet([{ kid: 'only', key: importSecret(SECRET) }]);
    assert.equal(outcome(withKid(undefined), named), 'unknown_key');
    assert.equal(outcome(withKid(undefined), createKeySet([])), 'unknown_key');
  });

  const hostile = [
    '',
    'New',
    'new ',
    '../../../../dev/null',
    '/etc/passwd',
    'new\0',
    "x' UNION SELECT 'AA'--",
    '__proto__',
    'constructor',
    'toString',
    'k'.repeat(5000),
    7,
    null,
    true,
    [],
    ['new'],
    {},
  ];
  for (const kid of hostile) {
    test(`${JSON.stringify(kid).slice(0, 30)} is an unknown key, whatever signed it`, () => {
      for (const secret of [SECRET, OLD_SECRET, Buffer.alloc(0)]) {
        assert.equal(outcome(withKid(kid, secret)), 'unknown_key');
      }
    });
  }
  test('a kid under __proto__ is no kid', () => {
    const token = mintHs256('{"alg":"HS256","__proto__":{"kid":"old"}}', CLAIMS);
    assert.equal(outcome(token), 'accepted');
  });
});

test('a polluted prototype supplies neither kid nor alg', () => {
  try {
    Object.assign(Object.prototype, { kid: 'old', alg: 'HS256' });
    assert.equal(outcome(mintHs256('{"alg":"HS256","x":1}', CLAIMS)), 'accepted');
    assert.equal(outcome(mintHs256('{"x":1}', CLAIMS)), 'malformed');
  } finally {
    Reflect.deleteProperty(Object.prototype, 'kid');
    Reflect.deleteProperty(Object.prototype, 'alg');
  }
});

test('a key verifies its own algorithm only, whatever the header says', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const mixed = createKeySet([
    { kid: 'ed', key: importJwk(publicKey.export({ format: 'jwk' }), 'EdDSA') },
    { kid: 'hs', key: importSecret(SECRET) },
  ]);
  assert.equal(
    outcome(mintWith(privateKey, null, { alg: 'EdDSA', kid: 'ed' }, CLAIMS), mixed),
    'accepted',
  );
  assert.equal(outcome(mintHs256({ alg: 'HS256', kid: 'hs' }, CLAIMS), mixed), 'accepted');
  assert.equal(
    outcome(mintHs256({ alg: 'HS256', kid: 'ed' }, CLAIMS), mixed),
    'unsupported_algorithm',
  );
  assert.equal(
    outcome(mintWith(privateKey, null, { alg: 'EdDSA', kid: 'hs' }, CLAIMS), mixed),
    'unsupported_algorithm',
  );
});

test('claims are checked after the signature, and payloads that are not claims are refused', () => {
  assert.equal(outcome(withKid('new', OLD_SECRET, { exp: 1 })), 'bad_signature');
  assert.equal(outcome(withKid('new', SECRET, { ...CLAIMS, exp: 1 })), 'expired');
  for (const payload of [
    '',
    '[]',
    '"x"',
    '7',
    'null',
    '{"sub":1,"sub":2}',
    '\ufeff{}',
    '{"exp":1e400}',
  ]) {
    assert.equal(outcome(withKid('new', SECRET, payload)), 'malformed', payload);
  }
});

test('tokens verified repeatedly in turn keep their own claims', () => {
  const tokens = Array.from({ length: 4 }, (_, n) =>
    withKid('new', SECRET, { ...CLAIMS, jti: `${n}` }),
  );
  for (let round = 0; round < 500; round++) {
    tokens.forEach((token, n) => {
      const { claims, header } = verifyToken(token, { keys, now: NOW, tokenType: 'access' });
      assert.equal(claims.jti, `${n}`);
      assert.equal(header.kid, 'new');
      Reflect.set(claims, 'jti', 'written by a caller');
    });
  }
});

test('more distinct headers than the cache holds', () => {
  const names = Array.from({ length: 200 }, (_, n) => `k${n}`);
  const many = createKeySet(names.map((kid) => ({ kid, key: importSecret(SECRET) })));
  for (const kid of [...names, ...names]) {
    assert.equal(verifyToken(withKid(kid), { keys: many, now: NOW }).header.kid, kid);
  }
});

test('a key set with two meanings is a TypeError', () => {
  const key = importSecret(SECRET);
  const wrong = [
    [
      { kid: 'a', key },
      { kid: 'a', key },
    ],
    [{ key }, { key }],
    [{ key }, { kid: 'a', key, default: true }],
    [{ kid: 7, key }],
    [{ kid: 'a', key: { algorithm: 'HS256' } }],
  ];
  for (const entries of wrong) {
    assert.throws(() => Reflect.apply(createKeySet, undefined, [entries]), TypeError);
  }
});
