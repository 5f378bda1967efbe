/** The forged tokens of docs/security-cases.md against createVerifier, which gets its keys from a JWKS. */
import assert from 'node:assert/strict';
import { createHmac, createPublicKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { suite, type TestContext, test } from 'node:test';
import { createVerifier } from '../src/index.ts';
import { mintHs256, mintWith, segment } from './mint.ts';
import { type Alg, goodClaims, mint, newKey, startIssuer, verdict } from './support/issuer.ts';

const P256_ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';

/** Refused, whatever the reason, and the honest token still verifies. */
async function allRefused(
  t: TestContext,
  alg: Alg,
  forge: (key: ReturnType<typeof newKey>) => string[],
) {
  const key = newKey('one', alg);
  const issuer = await startIssuer(t, [key]);
  using verifier = createVerifier({ jwksUrl: issuer.jwksUrl });
  const forged = forge(key);
  assert.ok(forged.length > 0);
  for (const [i, token] of forged.entries())
    assert.match(
      String(await verdict(verifier.verify(token))),
      /^(malformed|too_long|unsupported_algorithm|unknown_key|bad_signature)$/,
      `forgery ${i}`,
    );
  assert.equal(await verdict(verifier.verify(mint(key))), 7);
  assert.ok(issuer.counts.jwks <= 2);
}

suite('forged tokens at a verifier with a JWKS', { concurrency: true }, () => {
  for (const alg of ['EdDSA', 'ES256', 'RS256'] as const)
    test(`TF06: an HMAC under the ${alg} public key in any form is refused`, (t) =>
      allRefused(t, alg, ({ key, jwk, kid }) => {
        const publicKey = createPublicKey(key);
        const pem = String(publicKey.export({ format: 'pem', type: 'spki' }));
        const secrets = [
          ...[pem, pem.trim(), ` ${pem}`, `\n${pem}`, `\u00a0${pem}`, `junk\n${pem}`],
          publicKey.export({ format: 'der', type: 'spki' }),
          JSON.stringify(jwk),
          JSON.stringify({ keys: [jwk] }),
        ];
        return secrets.flatMap((secret) => [
          mintHs256({ alg: 'HS256', kid }, goodClaims(), secret),
          mintHs256({ alg: 'HS256' }, goodClaims(), secret),
          mintHs256({ alg, kid }, goodClaims(), secret),
        ]);
      }));

  const passwd = readFileSync('/etc/passwd');
  const kids: Record<string, unknown[]> = {
    'TF09: a kid that is a path': [
      '../../../../dev/null',
      '/etc/passwd',
      '/etc/passwd\0',
      'one\0',
      '',
    ],
    'TF10: a kid that is SQL': ["x' UNION SELECT 'AA'--", '"; DROP TABLE users;--'],
    'TF11: a kid that every object has, or that is no string': [
      ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'k'.repeat(3000)],
      ...[7, null, [], {}, ['one'], true],
    ],
  };
  for (const [title, strange] of Object.entries(kids))
    test(title, (t) =>
      allRefused(t, 'EdDSA', (key) =>
        strange.flatMap((kid) => [
          mintHs256({ alg: 'HS256', kid }, goodClaims(), ''),
          mintHs256({ alg: 'HS256', kid }, goodClaims(), passwd),
          mintWith(key.key, null, { alg: 'EdDSA', kid }, goodClaims()),
        ]),
      ),
    );

  const refusesKeyOf = async (
    t: TestContext,
    members: (url: string, jwk: object, der: Buffer) => object[],
  ) => {
    const attacker = newKey('one');
    const listener = await startIssuer(t, [attacker]);
    const der = createPublicKey(attacker.key).export({ format: 'der', type: 'spki' });
    await allRefused(t, 'EdDSA', ({ kid }) =>
      members(listener.jwksUrl, attacker.jwk, der).flatMap((member) =>
        [{ kid }, { kid: 'new' }, {}].map((name) =>
          mintWith(attacker.key, null, { alg: 'EdDSA', ...name, ...member }, goodClaims()),
        ),
      ),
    );
    assert.deepEqual(listener.counts, { jwks: 0, feed: 0, stream: 0 });
  };
  test('TF12: a key that the token points at is not fetched', (t) =>
    refusesKeyOf(t, (url) => [{ jku: url }, { x5u: url }]));

  test('TF13: a key that the token brings is not used', (t) =>
    refusesKeyOf(t, (_, jwk, der) => [{ jwk }, { x5c: [der.toString('base64')] }]));

  test('TF14: a signed header with an extension is refused', (t) =>
    allRefused(t, 'EdDSA', ({ key, kid }) =>
      [
        { crit: ['x'] },
        { crit: [] },
        { crit: ['exp'] },
        { b64: false },
        { b64: false, crit: ['b64'] },
      ].map((member) => mintWith(key, null, { alg: 'EdDSA', kid, ...member }, goodClaims())),
    ));

  test('TF15: ECDSA signatures of zero, of the order, in DER, too short or too long are refused', (t) =>
    allRefused(t, 'ES256', ({ key, kid }) => {
      const input = `${segment({ alg: 'ES256', kid })}.${segment(goodClaims())}`;
      const data = Buffer.from(input);
      const [order, zero] = [Buffer.from(P256_ORDER, 'hex'), Buffer.alloc(32)];
      const good = sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' });
      const signatures = [
        Buffer.concat([zero, zero]),
        Buffer.concat([order, order]),
        Buffer.concat([good.subarray(0, 32), order]),
        Buffer.concat([zero, good.subarray(32)]),
        sign('sha256', data, { key, dsaEncoding: 'der' }),
        good.subarray(0, 63),
        Buffer.concat([good, Buffer.alloc(1)]),
        createHmac('sha256', '').update(data).digest(),
      ];
      return signatures.map((signature) => `${input}.${signature.toString('base64url')}`);
    }));

  test('a token with another algorithm than the key it names is refused', (t) =>
    allRefused(t, 'RS256', ({ key, kid }) =>
      ['RS384', 'RS512', 'PS256', 'ES256', 'EdDSA', 'HS256', 'none', 'rs256', 'RS256 ', null].map(
        (alg) => mintWith(key, 'sha256', { alg, kid }, goodClaims()),
      ),
    ));
});
