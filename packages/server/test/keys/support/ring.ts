/** Services with asymmetric keys, and what is known of their tokens and keys without them. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { TestContext } from 'node:test';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { newSharedDatabase } from '../../support/databases.ts';
import { type Service, startService } from '../../support/service.ts';

export const ASYMMETRIC = ['EdDSA', 'ES256', 'RS256'] as const;
export type Variables = Record<string, string>;

export const MINUTE = 60_000;
export const DAY = 86_400_000;
/** Longer than a key is published before it signs, with the default rotation. */
export const LEAD = 306_000;

/** Sessionless tokens are for forgers; the ring's own tokens all have a session. */
const STRICT = { GATEPASS_ACCEPT_SESSIONLESS_TOKENS: 'false' };

export const startWith = (t: TestContext, variables: Variables): Promise<Service> =>
  startService(t, { ...STRICT, ...variables });

/** A database that several services of a test share. */
export const sharedDatabase = async (t: TestContext): Promise<Variables> => ({
  GATEPASS_DATABASE_URL: await newSharedDatabase(t),
});

export async function logIn(service: Service): Promise<{ access: string; refresh: string }> {
  const answer = await service.login();
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

export const headerOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());

export async function jwksOf(service: Service): Promise<JSONWebKeySet & { kids: string[] }> {
  const { status, body } = await service.send('/.well-known/jwks.json');
  assert.equal(status, 200);
  return { ...body, kids: body.keys.map(({ kid }: { kid: string }) => kid) };
}

/** The verdict of a resource server with another library. */
export const verifyWithJose = (token: string, jwks: JSONWebKeySet, now: number) =>
  jwtVerify(token, createLocalJWKSet({ keys: jwks.keys }), { currentDate: new Date(now) });

/** RFC 7638, written down a second time. */
export function thumbprintOf(jwk: Record<string, unknown>): string {
  const names = { OKP: ['crv', 'kty', 'x'], EC: ['crv', 'kty', 'x', 'y'], RSA: ['e', 'kty', 'n'] };
  const required = names[jwk['kty'] as keyof typeof names];
  const members = required.map((name) => `"${name}":"${jwk[name]}"`);
  return createHash('sha256').update(`{${members.join()}}`).digest('base64url');
}
