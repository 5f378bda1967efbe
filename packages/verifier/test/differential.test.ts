import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CompactSign, compactVerify, importJWK, SignJWT } from 'jose';
import {
  type Algorithm,
  createKeySet,
  importJwk,
  TokenError,
  type VerificationKey,
  verifyCompactJws,
  verifyToken,
} from '../src/index.ts';
import { mintHs256 } from './mint.ts';

// jose is the oracle: what it signs we accept, and we accept nothing that it does not.

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ecPair = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const secret = randomBytes(64).toString('base64url');
const privateJwks: Record<Algorithm, object> = {
  HS256: { kty: 'oct', k: secret },
  HS384: { kty: 'oct', k: secret },
  HS512: { kty: 'oct', k: secret },
  RS256: rsa.privateKey.export({ format: 'jwk' }),
  RS384: rsa.privateKey.export({ format: 'jwk' }),
  RS512: rsa.privateKey.export({ format: 'jwk' }),
  PS256: rsa.privateKey.export({ format: 'jwk' }),
  PS384: rsa.privateKey.export({ format: 'jwk' }),
  PS512: rsa.privateKey.export({ format: 'jwk' }),
  ES256: ecPair('P-256').privateKey.export({ format: 'jwk' }),
  ES384: ecPair('P-384').privateKey.export({ format: 'jwk' }),
  ES512: ecPair('P-521').privateKey.export({ format: 'jwk' }),
  EdDSA: generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }),
};

function publicJwk(algorithm: Algorithm): object {
  const jwk = privateJwks[algorithm];
  if (algorithm.startsWith('HS')) return jwk;
  return createPublicKey(createPrivateKey({ key: { ...jwk }, format: 'jwk' })).export({
    format: 'jwk',
  });
}

const ours = (token: string, key: VerificationKey, algorithm: Algorithm) => {
  try {
    return verifyCompactJws(token, key, algorithm).payload;
  } catch (error) {
    assert.ok(error instanceof TokenError, `threw ${String(error)}`);
    return undefined;
  }
};

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.+/= \n';
const mutation = fc.record({
  at: fc.nat(),
  action: fc.constantFrom('replace', 'insert', 'remove', 'swap', 'cut', 'repeat'),
  character: fc.constantFrom(...ALPHABET),
});

function mutate(
  token: string,
  { at, action, character }: { at: number; action: string; character: string },
) {
  const i = at % token.length;
  const [before, here, after] = [token.slice(0, i), token.charAt(i), token.slice(i + 1)];
  switch (action) {
    case 'replace':
      return before + character + after;
    case 'insert':
      return before + character + here + after;
    case 'remove':
      return before + after;
    case 'swap':
      return before + after.charAt(0) + here + after.slice(1);
    case 'cut':
      return before;
    default:
      return token + token.slice(i);
  }
}

describe('against jose', () => {
  for (const [name, jwk] of Object.entries(privateJwks)) {
    const algorithm = Object.keys(privateJwks).find((known): known is Algorithm => known === name);
    assert.ok(algorithm);
    test(`${name}: tokens of jose are accepted, and no mutation that jose refuses`, async () => {
      const signer = await importJWK({ ...jwk }, name);
      const verifier = await importJWK({ ...publicJwk(algorithm) }, name);
      const key = importJwk(publicJwk(algorithm), algorithm);
      await fc.assert(
        fc.asyncProperty(
          fc.uint8Array({ maxLength: 64 }),
          fc.array(mutation, { minLength: 1, maxLength: 40 }),
          async (payload, mutations) => {
            const token = await new CompactSign(payload)
              .setProtectedHeader({ alg: name, kid: `${payload.length}` })
              .sign(signer);
            assert.deepEqual(
              Buffer.from(ours(token, key, algorithm) ?? [1, 2]),
              Buffer.from(payload),
            );
            for (const change of mutations) {
              const mutant = mutate(token, change);
              const accepted = ours(mutant, key, algorithm);
              if (mutant !== token && accepted) assert.fail('two spellings of one token');
              if (!accepted) continue;
              const oracle = await compactVerify(mutant, verifier, { algorithms: [name] });
              assert.deepEqual(Buffer.from(accepted), Buffer.from(oracle.payload));
            }
          },
        ),
        { seed: 20260501, numRuns: name.startsWith('HS') ? 60 : 15 },
      );
    });
  }

  test('every re-signed mutation of a byte reads like in jose', async () => {
    const key = importJwk(privateJwks.HS256, 'HS256');
    const oracleKey = Buffer.from(secret, 'base64url');
    const header = '{"alg":"HS256","typ":"JWT","kid":"a"}';
    let both = 0;
    for (let i = 0; i < header.length; i++) {
      for (const character of ['"', ':', ',', '{', '}', ' ', 'a', '\\', '\u00e9', '\0']) {
        const token = mintHs256(
          header.slice(0, i) + character + header.slice(i + 1),
          '{}',
          oracleKey,
        );
        if (!ours(token, key, 'HS256')) continue;
        await compactVerify(token, oracleKey, { algorithms: ['HS256'] });
        both++;
      }
    }
    assert.ok(both > 20, `${both} accepted by both`);
  });

  test('a JWT of SignJWT has the same claims in jose and here', async () => {
    const claims = { token_type: 'access', user_id: 7, nested: { list: [1, 'a:b', null] } };
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuedAt(1000)
      .setExpirationTime(2000)
      .setJti('a')
      .sign(Buffer.from(secret, 'base64url'));
    const keys = createKeySet([{ key: importJwk(privateJwks.HS256, 'HS256') }]);
    const verified = verifyToken(token, { keys, now: 1500, tokenType: 'access' });
    assert.deepEqual(verified.claims, { ...claims, iat: 1000, exp: 2000, jti: 'a' });
  });
});
