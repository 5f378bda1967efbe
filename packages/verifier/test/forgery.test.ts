import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, test } from 'node:test';
import { type Algorithm, importJwk, importSecret, verifyCompactJws } from '../src/index.ts';
import { mintHs256, mintWith, refusal, SECRET, segment } from './mint.ts';

const key = importSecret(SECRET);
const verify = (token: string) => verifyCompactJws(token, key, 'HS256');
const CLAIMS = { sub: '1' };

describe('the header does not choose the algorithm', () => {
  const algorithms: [unknown, string][] = [
    ['none', 'unsupported_algorithm'],
    ['None', 'unsupported_algorithm'],
    ['NONE', 'unsupported_algorithm'],
    ['nOnE', 'unsupported_algorithm'],
    ['hs256', 'unsupported_algorithm'],
    ['HS256 ', 'unsupported_algorithm'],
    [' HS256', 'unsupported_algorithm'],
    ['HS256\0', 'unsupported_algorithm'],
    ['HS384', 'unsupported_algorithm'],
    ['RS256', 'unsupported_algorithm'],
    ['', 'unsupported_algorithm'],
    ['constructor', 'unsupported_algorithm'],
    ['__proto__', 'unsupported_algorithm'],
    [undefined, 'malformed'],
    [null, 'malformed'],
    [['HS256'], 'malformed'],
    [{ alg: 'HS256' }, 'malformed'],
    [256, 'malformed'],
    [true, 'malformed'],
  ];
  for (const [alg, reason] of algorithms) {
    test(`alg ${JSON.stringify(alg)} is ${reason}, rightly signed or not`, () => {
      const token = mintHs256({ alg }, CLAIMS);
      assert.equal(
        refusal(() => verify(token)),
        reason,
      );
      assert.equal(
        refusal(() => verify(`${token.slice(0, token.lastIndexOf('.'))}.AAAA`)),
        reason,
      );
    });
  }

  const extensions: Record<string, object> = {
    'crit with a name': { crit: ['x'], x: 1 },
    'crit with exp': { crit: ['exp'], exp: 1 },
    'an empty crit': { crit: [] },
    'crit null': { crit: null },
    'b64 false': { b64: false },
    'b64 false with crit': { b64: false, crit: ['b64'] },
    'b64 true': { b64: true },
  };
  for (const [name, members] of Object.entries(extensions)) {
    test(`refuses ${name}`, () =>
      assert.equal(
        refusal(() => verify(mintHs256({ alg: 'HS256', ...members }, CLAIMS))),
        'malformed',
      ));
  }

  test('unused members may have any value', () => {
    for (const value of [null, 7, 'x', [], {}, ['http://127.0.0.1:9/jwks']]) {
      for (const name of ['typ', 'kid', 'cty', 'zip', 'jku', 'jwk', 'x5u', 'x5c']) {
        assert.doesNotThrow(() => verify(mintHs256({ alg: 'HS256', [name]: value }, CLAIMS)));
      }
    }
  });

  test('a key in the header is not used', () => {
    const attacker = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const owner = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const header = { alg: 'ES256', jwk: attacker.publicKey.export({ format: 'jwk' }) };
    const token = mintWith(attacker.privateKey, 'sha256', header, CLAIMS);
    const trusted = importJwk(owner.publicKey.export({ format: 'jwk' }), 'ES256');
    assert.equal(
      refusal(() => verifyCompactJws(token, trusted, 'ES256')),
      'bad_signature',
    );
  });

  test('a cached header still needs a valid signature', () => {
    const token = mintHs256({ alg: 'HS256', kid: 'cached' }, CLAIMS);
    const { header } = verify(token);
    assert.ok(Object.isFrozen(header));
    const other = mintHs256({ alg: 'HS256', kid: 'cached' }, { sub: '2' }, 'another secret');
    assert.equal(
      refusal(() => verify(other)),
      'bad_signature',
    );
    const nested = mintHs256({ alg: 'HS256', x: { y: 1 } }, CLAIMS);
    assert.notEqual(verify(nested).header['x'], verify(nested).header['x']);
  });
});

describe('HMAC', () => {
  const token = mintHs256({ alg: 'HS256' }, CLAIMS);
  const input = token.slice(0, token.lastIndexOf('.'));
  const tag = Buffer.from(token.slice(input.length + 1), 'base64url');

  test('truncated and extended tags', () => {
    for (const length of [1, 2, 10, 16, 20, 31]) {
      const short = `${input}.${tag.subarray(0, length).toString('base64url')}`;
      assert.equal(
        refusal(() => verify(short)),
        'bad_signature',
        `${length} bytes`,
      );
    }
    for (const extra of [[0], [0, 0, 0], [...tag]]) {
      const long = `${input}.${Buffer.from([...tag, ...extra]).toString('base64url')}`;
      assert.equal(
        refusal(() => verify(long)),
        'bad_signature',
      );
    }
  });

  test('every flipped bit of the tag', () => {
    for (let bit = 0; bit < 256; bit++) {
      const flipped = Buffer.from(tag);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(
        refusal(() => verify(`${input}.${flipped.toString('base64url')}`)),
        'bad_signature',
      );
    }
  });

  test('changed payload, changed header, other secrets, another hash', () => {
    const [header, , signature] = token.split('.');
    assert.equal(
      refusal(() => verify(`${header}.${segment({ sub: '2' })}.${signature}`)),
      'bad_signature',
    );
    const renamed = segment({ alg: 'HS256', typ: 'x' });
    assert.equal(
      refusal(() => verify(`${renamed}.${segment(CLAIMS)}.${signature}`)),
      'bad_signature',
    );
    for (const secret of ['', '\0', 'secret', 'changeme', 'your-256-bit-secret']) {
      assert.equal(
        refusal(() => verify(mintHs256({ alg: 'HS256' }, CLAIMS, secret))),
        'bad_signature',
      );
    }
    const sha512 = createHmac('sha512', SECRET).update(input).digest('base64url');
    assert.equal(
      refusal(() => verify(`${input}.${sha512}`)),
      'bad_signature',
    );
  });
});

describe('key confusion', () => {
  const families: [Algorithm, { publicKey: KeyObject }][] = [
    ['RS256', generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['EdDSA', generateKeyPairSync('ed25519')],
  ];
  for (const [algorithm, { publicKey }] of families) {
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const jwk = publicKey.export({ format: 'jwk' });
    const secrets = [
      pem,
      pem.trim(),
      ` ${pem}`,
      `\n${pem}`,
      `\u00a0${pem}`,
      `junk${pem}`,
      publicKey.export({ type: 'spki', format: 'der' }),
      JSON.stringify(jwk),
      JSON.stringify({ keys: [jwk] }),
    ];
    test(`the ${algorithm} public key is not an HMAC secret`, () => {
      const imported = importJwk(jwk, algorithm);
      for (const secret of secrets) {
        for (const [alg, reason] of [
          ['HS256', 'unsupported_algorithm'],
          [algorithm, 'bad_signature'],
        ]) {
          const token = mintHs256({ alg }, CLAIMS, secret);
          assert.equal(
            refusal(() => verifyCompactJws(token, imported, algorithm)),
            reason,
          );
        }
      }
    });
    test(`using the ${algorithm} key for another algorithm is a TypeError`, () => {
      const imported = importJwk(jwk, algorithm);
      const token = mintHs256({ alg: 'HS256' }, CLAIMS, pem);
      assert.throws(() => verifyCompactJws(token, imported, 'HS256'), TypeError);
    });
  }

  test('an object shaped like a key is a TypeError', () => {
    const token = mintHs256({ alg: 'HS256' }, CLAIMS);
    for (const fake of [undefined, null, {}, { algorithm: 'HS256' }, SECRET, 'x', { ...key }]) {
      assert.throws(
        () => Reflect.apply(verifyCompactJws, undefined, [token, fake, 'HS256']),
        TypeError,
      );
    }
    const heir = Object.create(Object.getPrototypeOf(key), { algorithm: { value: 'HS256' } });
    assert.throws(() => verifyCompactJws(token, heir, 'HS256'), TypeError);
  });
});
