import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import { type Algorithm, importJwk } from '../src/index.ts';
import { keyRefusal } from './mint.ts';

const b64 = (bytes: Uint8Array | number[]) => Buffer.from(bytes).toString('base64url');
const publicJwk = (pair: { publicKey: { export(options: { format: 'jwk' }): object } }) =>
  pair.publicKey.export({ format: 'jwk' });

const rsaPair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ecPair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const RSA = { n: '', e: '', ...publicJwk(rsaPair) };
const EC = { x: '', y: '', ...publicJwk(ecPair) };
const P521 = { x: '', y: '', ...publicJwk(generateKeyPairSync('ec', { namedCurve: 'P-521' })) };
const OKP = { x: '', ...publicJwk(generateKeyPairSync('ed25519')) };
const OCT = { kty: 'oct', k: b64(Buffer.alloc(64, 7)) };

const modulus = Buffer.from(RSA.n, 'base64url');
const even = Buffer.from(modulus);
even[255] = 0x10;
const flipLast = (text: string) => {
  const bytes = Buffer.from(text, 'base64url');
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return b64(bytes);
};
// Sets an unused bit of the last character.
const respell = (text: string) =>
  text.slice(0, -1) + String.fromCharCode(text.charCodeAt(text.length - 1) + 1);
const hex = (bytes: string) => b64(Buffer.from(bytes, 'hex'));
const ones = (length: number) => b64(Buffer.alloc(length / 8, 0xff));
const inherited = (jwk: object) => Object.create(jwk);

type Row = [name: string, jwk: unknown, algorithm: Algorithm, reason: string];
const rows: Row[] = [
  ['null', null, 'HS256', 'malformed'],
  ['a string', 'secret', 'HS256', 'malformed'],
  ['an array', [OCT], 'HS256', 'malformed'],
  ['an empty object', {}, 'HS256', 'wrong_key_type'],
  ['kty of another type', { ...OCT, kty: 1 }, 'HS256', 'malformed'],
  ['kty in another case', { ...OCT, kty: 'OCT' }, 'HS256', 'wrong_key_type'],
  ['oct for RS256', OCT, 'RS256', 'wrong_key_type'],
  ['oct for EdDSA', OCT, 'EdDSA', 'wrong_key_type'],
  ['RSA for HS256', RSA, 'HS256', 'wrong_key_type'],
  ['RSA for ES256', RSA, 'ES256', 'wrong_key_type'],
  ['EC for RS256', EC, 'RS256', 'wrong_key_type'],
  ['OKP for ES256', OKP, 'ES256', 'wrong_key_type'],
  ['inherited members', inherited(OCT), 'HS256', 'wrong_key_type'],
  [
    'members under __proto__',
    JSON.parse(`{"__proto__":${JSON.stringify(OCT)}}`),
    'HS256',
    'wrong_key_type',
  ],

  ['another alg', { ...OCT, alg: 'HS512' }, 'HS256', 'wrong_algorithm'],
  ['alg in another case', { ...OCT, alg: 'hs256' }, 'HS256', 'wrong_algorithm'],
  ['alg none', { ...OCT, alg: 'none' }, 'HS256', 'wrong_algorithm'],
  ['RS256 key for PS256', { ...RSA, alg: 'RS256' }, 'PS256', 'wrong_algorithm'],
  ['an encryption alg', { ...RSA, alg: 'RSA-OAEP' }, 'RS256', 'wrong_algorithm'],
  ['alg null', { ...OCT, alg: null }, 'HS256', 'malformed'],
  ['use enc', { ...OCT, use: 'enc' }, 'HS256', 'wrong_use'],
  ['use empty', { ...OCT, use: '' }, 'HS256', 'wrong_use'],
  ['use array', { ...OCT, use: ['sig'] }, 'HS256', 'malformed'],
  ['kid number', { ...OCT, kid: 7 }, 'HS256', 'malformed'],
  ['key_ops string', { ...OCT, key_ops: 'verify' }, 'HS256', 'malformed'],
  ['key_ops object', { ...OCT, key_ops: { 0: 'verify' } }, 'HS256', 'malformed'],
  ['key_ops null', { ...OCT, key_ops: null }, 'HS256', 'malformed'],
  ['key_ops of numbers', { ...OCT, key_ops: ['verify', 1] }, 'HS256', 'malformed'],
  ['key_ops empty', { ...OCT, key_ops: [] }, 'HS256', 'wrong_operations'],
  ['key_ops sign', { ...OCT, key_ops: ['sign'] }, 'HS256', 'wrong_operations'],
  ['key_ops encrypt', { ...RSA, key_ops: ['encrypt'] }, 'RS256', 'wrong_operations'],
  ['key_ops duplicate', { ...OCT, key_ops: ['verify', 'verify'] }, 'HS256', 'wrong_operations'],

  ['no k', { kty: 'oct' }, 'HS256', 'malformed'],
  ['k number', { kty: 'oct', k: 7 }, 'HS256', 'malformed'],
  ['empty k', { kty: 'oct', k: '' }, 'HS256', 'too_short'],
  ['31 bytes', { kty: 'oct', k: b64(Buffer.alloc(31)) }, 'HS256', 'too_short'],
  ['47 bytes', { kty: 'oct', k: b64(Buffer.alloc(47)) }, 'HS384', 'too_short'],
  ['63 bytes', { kty: 'oct', k: b64(Buffer.alloc(63)) }, 'HS512', 'too_short'],
  ['k padded', { kty: 'oct', k: `${OCT.k}==` }, 'HS256', 'bad_encoding'],
  [
    'k in base64',
    { kty: 'oct', k: Buffer.alloc(63, 255).toString('base64') },
    'HS256',
    'bad_encoding',
  ],
  ['k with a space', { kty: 'oct', k: ` ${OCT.k}` }, 'HS256', 'bad_encoding'],
  ['k with a newline', { kty: 'oct', k: `${OCT.k}\n` }, 'HS256', 'bad_encoding'],
  ['k not canonical', { kty: 'oct', k: respell(OCT.k) }, 'HS256', 'bad_encoding'],
  ['k of 4n+1 characters', { kty: 'oct', k: 'A'.repeat(45) }, 'HS256', 'bad_encoding'],

  ['RSA private key', rsaPair.privateKey.export({ format: 'jwk' }), 'RS256', 'private_key'],
  ['RSA with only p', { ...RSA, p: 'AQ' }, 'RS256', 'private_key'],
  ['EC private key', ecPair.privateKey.export({ format: 'jwk' }), 'ES256', 'private_key'],
  ['OKP with d', { ...OKP, d: null }, 'EdDSA', 'private_key'],

  ['RSA without n', { kty: 'RSA', e: 'AQAB' }, 'RS256', 'malformed'],
  ['RSA without e', { kty: 'RSA', n: RSA.n }, 'RS256', 'malformed'],
  ['e a number', { ...RSA, e: 65537 }, 'RS256', 'malformed'],
  ['n empty', { ...RSA, n: '' }, 'RS256', 'bad_encoding'],
  ['e empty', { ...RSA, e: '' }, 'RS256', 'bad_exponent'],
  ['n 1024 bits', { ...RSA, n: ones(1024) }, 'RS256', 'too_short'],
  ['n 2047 bits', { ...RSA, n: b64([0x7f, ...Buffer.alloc(255, 0xff)]) }, 'RS256', 'too_short'],
  ['n over 16384 bits', { ...RSA, n: ones(16392) }, 'RS256', 'too_long'],
  ['n even', { ...RSA, n: b64(even) }, 'RS256', 'bad_modulus'],
  ['n with a leading zero', { ...RSA, n: b64([0, ...modulus]) }, 'RS256', 'bad_encoding'],
  ['n padded', { ...RSA, n: `${RSA.n}==` }, 'RS256', 'bad_encoding'],
  ['e with a leading zero', { ...RSA, e: b64([0, 1, 0, 1]) }, 'RS256', 'bad_encoding'],
  ['e zero', { ...RSA, e: b64([0]) }, 'RS256', 'bad_encoding'],
  ['e one', { ...RSA, e: b64([1]) }, 'RS256', 'bad_exponent'],
  ['e two', { ...RSA, e: b64([2]) }, 'RS256', 'bad_exponent'],
  ['e even', { ...RSA, e: b64([1, 0, 0]) }, 'RS256', 'bad_exponent'],
  ['e 9 octets', { ...RSA, e: b64([1, 0, 0, 0, 0, 0, 0, 0, 1]) }, 'RS256', 'bad_exponent'],
  ['e as long as n', { ...RSA, e: RSA.n }, 'RS256', 'bad_exponent'],

  ['P-256 for ES384', EC, 'ES384', 'wrong_curve'],
  ['P-521 for ES256', P521, 'ES256', 'wrong_curve'],
  ['secp256k1', { ...EC, crv: 'secp256k1' }, 'ES256', 'wrong_curve'],
  ['no crv', { kty: 'EC', x: EC.x, y: EC.y }, 'ES256', 'wrong_curve'],
  ['crv array', { ...EC, crv: ['P-256'] }, 'ES256', 'malformed'],
  ['no y', { kty: 'EC', crv: 'P-256', x: EC.x }, 'ES256', 'malformed'],
  ['x of 31 octets', { ...EC, x: b64(Buffer.alloc(31, 1)) }, 'ES256', 'bad_length'],
  [
    'x of 33 octets',
    { ...EC, x: b64([0, ...Buffer.from(EC.x, 'base64url')]) },
    'ES256',
    'bad_length',
  ],
  [
    'P-521 coordinate cut to 65',
    { ...P521, y: b64(Buffer.from(P521.y, 'base64url').subarray(1)) },
    'ES512',
    'bad_length',
  ],
  ['y empty', { ...EC, y: '' }, 'ES256', 'bad_length'],
  ['x not canonical', { ...EC, x: respell(EC.x) }, 'ES256', 'bad_encoding'],
  ['off the curve', { ...EC, y: flipLast(EC.y) }, 'ES256', 'bad_point'],
  [
    'the point (0, 0)',
    { ...EC, x: b64(Buffer.alloc(32)), y: b64(Buffer.alloc(32)) },
    'ES256',
    'bad_point',
  ],
  ['x above p', { ...EC, x: b64(Buffer.alloc(32, 255)) }, 'ES256', 'bad_point'],
  ['off the curve P-521', { ...P521, y: flipLast(P521.y) }, 'ES512', 'bad_point'],

  ['X25519 for EdDSA', publicJwk(generateKeyPairSync('x25519')), 'EdDSA', 'wrong_curve'],
  ['Ed448 for EdDSA', publicJwk(generateKeyPairSync('ed448')), 'EdDSA', 'wrong_curve'],
  ['31 octets', { ...OKP, x: b64(Buffer.alloc(31, 2)) }, 'EdDSA', 'bad_length'],
  ['33 octets', { ...OKP, x: b64(Buffer.alloc(33, 2)) }, 'EdDSA', 'bad_length'],
  ['order 4', { ...OKP, x: hex('00'.repeat(32)) }, 'EdDSA', 'weak_point'],
  ['order 4, other sign', { ...OKP, x: hex(`${'00'.repeat(31)}80`) }, 'EdDSA', 'weak_point'],
  ['the identity', { ...OKP, x: hex(`01${'00'.repeat(31)}`) }, 'EdDSA', 'weak_point'],
  ['the identity, signed', { ...OKP, x: hex(`01${'00'.repeat(30)}80`) }, 'EdDSA', 'weak_point'],
  ['order 2', { ...OKP, x: hex(`ec${'ff'.repeat(30)}7f`) }, 'EdDSA', 'weak_point'],
  ['order 2, signed', { ...OKP, x: hex(`ec${'ff'.repeat(31)}`) }, 'EdDSA', 'weak_point'],
  ['0 as p', { ...OKP, x: hex(`ed${'ff'.repeat(30)}7f`) }, 'EdDSA', 'weak_point'],
  ['1 as p + 1', { ...OKP, x: hex(`ee${'ff'.repeat(30)}7f`) }, 'EdDSA', 'weak_point'],
  ['2 as p + 2', { ...OKP, x: hex(`ef${'ff'.repeat(30)}7f`) }, 'EdDSA', 'bad_point'],
  ...['05', '85'].map((end): Row => {
    const x = hex(`26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc${end}`);
    return [`order 8, ${end}`, { ...OKP, x }, 'EdDSA', 'weak_point'];
  }),
  ...['7a', 'fa'].map((end): Row => {
    const x = hex(`c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03${end}`);
    return [`order 8, ${end}`, { ...OKP, x }, 'EdDSA', 'weak_point'];
  }),
];

describe('a JWK is refused', () => {
  for (const [name, jwk, algorithm, reason] of rows) {
    test(`${name}: ${reason}`, () => {
      const action = () => Reflect.apply(importJwk, undefined, [jwk, algorithm]);
      assert.equal(keyRefusal(action), reason);
    });
  }
  test('a polluted prototype supplies no members', () => {
    try {
      Object.defineProperty(Object.prototype, 'k', {
        value: OCT.k,
        configurable: true,
        enumerable: true,
      });
      assert.equal(
        keyRefusal(() => importJwk({ kty: 'oct' }, 'HS256')),
        'malformed',
      );
    } finally {
      Reflect.deleteProperty(Object.prototype, 'k');
    }
  });
  test('an algorithm that is not one of ours is a TypeError', () => {
    for (const algorithm of [
      'none',
      'hs256',
      'ES256K',
      '',
      'constructor',
      '__proto__',
      undefined,
      null,
    ]) {
      assert.throws(() => Reflect.apply(importJwk, undefined, [OCT, algorithm]), TypeError);
    }
  });
});

describe('a JWK is accepted', () => {
  const good: [object, Algorithm][] = [
    [OCT, 'HS512'],
    [{ ...OCT, alg: 'HS256', use: 'sig', kid: 'a', key_ops: ['sign', 'verify'] }, 'HS256'],
    [{ kty: 'oct', k: b64(Buffer.alloc(32)) }, 'HS256'],
    [{ ...RSA, alg: 'PS512', use: 'sig', key_ops: ['verify'], x5t: 1, ext: true }, 'PS512'],
    [{ ...RSA, e: b64([3]) }, 'RS256'],
    [{ ...RSA, n: ones(16384) }, 'RS256'],
    [EC, 'ES256'],
    [P521, 'ES512'],
    [OKP, 'EdDSA'],
  ];
  for (const [jwk, algorithm] of good) {
    test(`${algorithm} ${Object.keys(jwk)}`, () => {
      const key = importJwk(jwk, algorithm);
      assert.equal(key.algorithm, algorithm);
      assert.ok(Object.isFrozen(key));
    });
  }
});
