import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, test } from 'node:test';
import { importJwk, verifyCompactJws } from '../src/index.ts';
import { mintWith, refusal, segment } from './mint.ts';

const CLAIMS = { sub: '1' };

describe('RSA', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = publicKey.export({ format: 'jwk' });
  const token = mintWith(privateKey, 'sha256', { alg: 'RS256' }, CLAIMS);
  const input = token.slice(0, token.lastIndexOf('.'));
  const signature = Buffer.from(token.slice(input.length + 1), 'base64url');

  test('a signature is exactly as long as the modulus', () => {
    const verifyRs256 = (bytes: Buffer) =>
      verifyCompactJws(`${input}.${bytes.toString('base64url')}`, importJwk(jwk, 'RS256'), 'RS256');
    assert.doesNotThrow(() => verifyRs256(signature));
    for (const wrong of [
      Buffer.concat([Buffer.alloc(1), signature]),
      Buffer.concat([signature, Buffer.alloc(1)]),
      signature.subarray(1),
      signature.subarray(0, 255),
      Buffer.alloc(256),
      Buffer.alloc(256, 255),
      Buffer.from([1]),
    ]) {
      assert.equal(
        refusal(() => verifyRs256(wrong)),
        'bad_signature',
      );
    }
  });

  test('PKCS #1 v1.5 and PSS are not interchangeable, and the PSS salt has the hash length', () => {
    const pss = importJwk(jwk, 'PS256');
    const pssInput = `${segment({ alg: 'PS256' })}.${segment(CLAIMS)}`;
    for (const [saltLength, reason] of [
      [32, 'accepted'],
      [0, 'bad_signature'],
      [20, 'bad_signature'],
      [222, 'bad_signature'],
    ] as const) {
      const bytes = sign('sha256', Buffer.from(pssInput), {
        key: privateKey,
        padding: 6,
        saltLength,
      });
      const pssToken = `${pssInput}.${bytes.toString('base64url')}`;
      assert.equal(
        refusal(() => verifyCompactJws(pssToken, pss, 'PS256')),
        reason,
        `${saltLength}`,
      );
    }
    const v15 = mintWith(privateKey, 'sha256', { alg: 'PS256' }, CLAIMS);
    assert.equal(
      refusal(() => verifyCompactJws(v15, pss, 'PS256')),
      'bad_signature',
    );
  });
});
