/**
 * How many tokens one core verifies in a second: run by scenarios/verifier.ts in a process of its
 * own, prints JSON. Every library gets the same 1,000 tokens in turn, each time as a new string, as
 * in a server, and checks the signature, `alg`, `exp` and `iss`.
 */
import { createHmac, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { createVerifier } from '@gatepass/verifier';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { OURS_WARM } from './scenarios/verifier.ts';

type Alg = 'HS256' | 'EdDSA';
type Verify = (token: string) => unknown;

const ISSUER = 'https://auth.example';
const TOKENS = 1000;
const BATCH = 200;
const secret = randomBytes(64);
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const jwks = {
  keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'EdDSA', use: 'sig' }],
};

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

function mint(alg: Alg, n: number): Buffer {
  const now = Math.floor(Date.now() / 1000);
  const jti = n.toString(16).padStart(32, '0');
  const claims = { token_type: 'access', exp: now + 3600, iat: now, jti, user_id: n, sub: `${n}` };
  const header = alg === 'HS256' ? { alg, typ: 'JWT' } : { alg, typ: 'JWT', kid: 'one' };
  const sid = 'AAAAAAAAAAAAAAAAAAAAAA';
  const input = `${encode(header)}.${encode({ ...claims, sid, iss: ISSUER })}`;
  const signature =
    alg === 'HS256'
      ? createHmac('sha256', secret).update(input).digest()
      : sign(null, Buffer.from(input), privateKey);
  return Buffer.from(`${input}.${signature.toString('base64url')}`);
}

function ours(alg: Alg, cacheSize: number): Verify {
  const fetchJwks = (async () => Response.json(jwks)) as unknown as typeof fetch;
  const keys =
    alg === 'HS256' ? { secret } : { jwksUrl: 'https://auth.example/', fetch: fetchJwks };
  const verifier = createVerifier({ ...keys, issuer: ISSUER, cacheSize });
  return (token) => verifier.verify(token);
}

function joses(alg: Alg): Verify {
  const options = { algorithms: [alg], issuer: ISSUER };
  const keySet = createLocalJWKSet(jwks);
  return alg === 'HS256'
    ? (token) => jwtVerify(token, secret, options)
    : (token) => jwtVerify(token, keySet, options);
}

type FastJwt = { createVerifier(options: object): Verify };

function fastJwts({ createVerifier: create }: FastJwt, alg: Alg, cache: boolean): Verify {
  const pem = (key: KeyObject) => String(key.export({ format: 'pem', type: 'spki' }));
  const key = alg === 'HS256' ? secret : pem(publicKey);
  return create({ key, algorithms: [alg], allowedIss: ISSUER, cache: cache && 10_000 });
}

/** Tokens a second. */
async function measure(
  tokens: readonly Buffer[],
  verify: Verify,
  seconds: number,
): Promise<number> {
  const started = performance.now();
  let verified = 0;
  while (performance.now() - started < seconds * 1000) {
    for (let i = 0; i < BATCH; i++) {
      await verify(String(tokens[verified++ % TOKENS]?.toString('latin1')));
    }
  }
  return verified / ((performance.now() - started) / 1000);
}

const [rounds = 5, seconds = 1] = process.argv.slice(2).map(Number);
// Computed, so that the compiler does not follow it: bench/ may lack its own installation.
const fastJwtEntry = new URL('./node_modules/fast-jwt/src/index.js', import.meta.url).href;
const fastJwt: FastJwt | undefined = await import(fastJwtEntry).catch(() => undefined);
const contenders = (['HS256', 'EdDSA'] as const).flatMap((alg) => {
  const tokens = Array.from({ length: TOKENS }, (_, n) => mint(alg, n));
  return [
    { name: OURS_WARM, verify: ours(alg, 10_000) },
    { name: `gatepass, no cache`, verify: ours(alg, 0) },
    ...(fastJwt
      ? [
          { name: `fast-jwt, seen before`, verify: fastJwts(fastJwt, alg, true) },
          { name: `fast-jwt, no cache`, verify: fastJwts(fastJwt, alg, false) },
        ]
      : []),
    { name: `jose`, verify: joses(alg) },
  ].map((contender) => ({ ...contender, alg, tokens, rates: [] as number[] }));
});

for (let round = 0; round <= rounds; round++) {
  for (const { tokens, verify, rates } of contenders) {
    const rate = await measure(tokens, verify, round === 0 ? Math.min(seconds, 0.5) : seconds);
    // The first round warms up.
    if (round > 0) rates.push(rate);
  }
}
process.stdout.write(
  JSON.stringify(contenders.map(({ name, alg, rates }) => ({ name, alg, rates }))),
);
