/** A service with an asymmetric key, and everything a forger could have: its public keys, even the private one. */
import assert from 'node:assert/strict';
import { createHmac, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { TestContext } from 'node:test';
import { type ASYMMETRIC, jwksOf } from '../../keys/support/ring.ts';
import { claimsOf } from '../../support/service.ts';
import { assertBearerRefused, assertTokenRefused, startTarget } from './refusals.ts';

export type Alg = (typeof ASYMMETRIC)[number];
type Json = Record<string, unknown>;

export const base64url = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
export const hmac = (input: string, secret: string | Buffer) =>
  createHmac('sha256', secret).update(input).digest('base64url');
export const signers: Record<Alg, (input: string, key: KeyObject) => Buffer> = {
  EdDSA: (input, key) => sign(null, Buffer.from(input), key),
  ES256: (input, key) => sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }),
  RS256: (input, key) => sign('sha256', Buffer.from(input), key),
};

/** A service that signs with `alg`, its real private key, and a login of its account 1. */
export async function startAsymmetric(t: TestContext, alg: Alg) {
  const target = await startTarget(t, { GATEPASS_SIGNING_ALG: alg });
  const { service } = target;
  const access: string = (await service.login()).body.access;
  const jwks = await jwksOf(service);
  const [jwk = {}] = jwks.keys;
  const row = await service.database.db
    .selectFrom('signing_keys')
    .select('secret')
    .where('kid', '=', String(jwk.kid))
    .executeTakeFirstOrThrow();
  const der = { key: Buffer.from(row.secret), format: 'der', type: 'pkcs8' } as const;
  const key = createPrivateKey(der);
  const header: Json = { alg, typ: 'JWT', kid: jwk.kid };
  const make = (head: unknown, signature: (input: string) => string, claims: Json) => {
    const input = `${base64url(head)}.${base64url(claims)}`;
    return `${input}.${signature(input)}`;
  };
  const claims = claimsOf(access);
  const signed = (head: unknown, by: KeyObject = key) =>
    make(head, (input) => signers[alg](input, by).toString('base64url'), claims);
  return {
    ...{ target, service, access, jwks, jwk, key, header, claims, signed },
    make: (head: unknown, signature: (input: string) => string) => make(head, signature, claims),
    async refuses(name: string, token: string, bearer = true): Promise<void> {
      assertTokenRefused(name, await service.verify(token));
      assertTokenRefused(name, await service.refresh(token));
      if (bearer) assertBearerRefused(name, await service.me(token));
      const headers = { authorization: `Bearer ${token}` };
      if (bearer) assert.equal((await service.send('/api/token/verify', { headers })).status, 401);
    },
  };
}
