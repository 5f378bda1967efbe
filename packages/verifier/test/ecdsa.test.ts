import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, test } from 'node:test';
import { importJwk, verifyCompactJws } from '../src/index.ts';
import { refusal, segment } from './mint.ts';

const curves = [
  {
    algorithm: 'ES256',
    namedCurve: 'P-256',
    hash: 'sha256',
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
  },
  {
    algorithm: 'ES384',
    namedCurve: 'P-384',
    hash: 'sha384',
    n: 2n ** 384n - 1388124618062372383947042015309946732620727252194336364173n,
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
  },
  {
    algorithm: 'ES512',
    namedCurve: 'P-521',
    hash: 'sha512',
    n: 2n ** 521n - 657877501894328237357444332315020117536923257219387276263472201219398408051703n,
    p: 2n ** 521n - 1n,
  },
] as const;

for (const { algorithm, namedCurve, hash, n, p } of curves) {
  describe(algorithm, () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
    const imported = importJwk(publicKey.export({ format: 'jwk' }), algorithm);
    const input = `${segment({ alg: algorithm })}.${segment({ sub: '1' })}`;
    const signature = sign(hash, Buffer.from(input), {
      key: privateKey,
      dsaEncoding: 'ieee-p1363',
    });
    const size = signature.length / 2;
    const bytes = (scalar: bigint) =>
      Buffer.from(scalar.toString(16).padStart(size * 2, '0'), 'hex');
    const r = signature.subarray(0, size);
    const s = signature.subarray(size);
    const outcome = (candidate: Uint8Array) => {
      const token = `${input}.${Buffer.from(candidate).toString('base64url')}`;
      return refusal(() => verifyCompactJws(token, imported, algorithm));
    };

    test('the signature itself is accepted', () => assert.equal(outcome(signature), 'accepted'));

    test('r and s outside [1, n-1]', () => {
      const edges = [0n, n, n + 1n, p, 2n ** (8n * BigInt(size)) - 1n].map(bytes);
      for (const edge of edges) {
        assert.equal(outcome(Buffer.concat([edge, s])), 'bad_signature');
        assert.equal(outcome(Buffer.concat([r, edge])), 'bad_signature');
        for (const other of edges)
          assert.equal(outcome(Buffer.concat([edge, other])), 'bad_signature');
      }
    });

    test('small and swapped values', () => {
      for (const small of [1n, 2n, n - 1n].map(bytes)) {
        for (const other of [r, s, small]) {
          assert.equal(outcome(Buffer.concat([small, other])), 'bad_signature');
        }
      }
      assert.equal(outcome(Buffer.concat([s, r])), 'bad_signature');
    });

    test('DER, and one byte too few or too many', () => {
      const der = sign(hash, Buffer.from(input), privateKey);
      for (const wrong of [
        der,
        signature.subarray(1),
        signature.subarray(0, -1),
        Buffer.concat([signature, Buffer.alloc(1)]),
        Buffer.concat([Buffer.alloc(1), signature]),
        Buffer.concat([Buffer.alloc(1), r, Buffer.alloc(1), s]),
        signature.subarray(0, size),
        Buffer.alloc(1),
      ]) {
        assert.equal(outcome(wrong), 'bad_signature', `${wrong.length} bytes`);
      }
    });
  });
}
