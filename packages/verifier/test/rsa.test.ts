import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, test } from 'node:test';
import { importJwk, verifyCompactJws } from '../src/index.ts';
import { mintWith, refusal, segment } from './mint.ts';

const CLAIMS = { sub: '1' };

const smallPrimes = Array.from({ length: 166 }, (_, i) => i + 2)
  .filter((n) => !Array.from({ length: n }, (_, d) => d).some((d) => d > 1 && n % d === 0))
  .map(BigInt);

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

  test('a modulus of the form that can be factored (CVE-2017-15361) is refused', () => {
    // Wycheproof, json_web_key_test.json, tcId 7: rejectsKeyWithRocaVulnerability.
    const n =
      'AanFpofbj7KjD4Lf-N2hVMKR7yewSyXhhbirIMTGpfYEhZ_lnt5UoK98DnKIgArXGTu3MaW_HhFw16HGaTDUHqPrId7fe4r11CqRw09yBFuW79V8sYIwHdzCaWflUI6auImYbVfoN9_nD5n8N8SY9DwXw7mwZM9wREPXoDPgOoIWl6q_MPsp7n0zs3Z5ZaiQWOOzl1S9OhwAfSiiOwz6efnXEaxuTEtPd7BjSx7NaFka8Dx9U7YqXy2RFj1O9PjyaDGuRh7YXsX3iMUSP_wSyHQg_c_qHRtKUsNSGCT7OZg0hzm2KphtjnayKJvC64vAbROBR4Ubg6Bxg9IQVZ-QYyE';
    const jwk = { kty: 'RSA', use: 'sig', alg: 'RS256', n, e: 'AQAB', kid: 'kid-rsa-roca-sign' };
    assert.throws(() => importJwk(jwk, 'RS256'), { reason: 'bad_modulus' });
    // Two primes of that form, made as the library made them: k * M + (65537^a mod M).
    const primes = Array.from({ length: 39 }, (_, i) => smallPrimes[i] ?? 0n);
    const product = primes.reduce((all, prime) => all * prime, 1n);
    const made = (a: number, k: bigint) => k * product + (65_537n ** BigInt(a) % product);
    const weak = made(1234, 3n ** 512n) * made(4321, 5n ** 350n);
    const hex = weak.toString(16);
    const modulus = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
    assert.throws(
      () => importJwk({ kty: 'RSA', n: modulus.toString('base64url'), e: 'AQAB' }, 'RS256'),
      { reason: 'bad_modulus' },
    );
  });
});
