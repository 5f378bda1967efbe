/** What the tests of sessions do with a service: log in, refresh, end, and look at the row. */
import assert from 'node:assert/strict';
import { SPENT_AFTER_MS } from '../../../src/sessions/rotation.ts';
import { type Answer, claimsOf, type Service } from '../../support/service.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const STRICT = { GATEPASS_ACCEPT_SESSIONLESS_TOKENS: 'false' };
export const ROTATING = { ...STRICT, GATEPASS_ROTATE_REFRESH_TOKENS: 'true' };

export type Pair = { readonly access: string; readonly refresh: string };

/** Logs in, after registering an address that is new. */
export async function logIn(service: Service, email = 'alice@example.com'): Promise<Pair> {
  const first = await service.login(email);
  if (first.status === 200) return first.body;
  assert.equal((await service.register(email)).status, 201, email);
  const { status, body } = await service.login(email);
  assert.equal(status, 200, email);
  return body;
}

/** Refreshes and expects a pair. */
export async function rotate(service: Service, refresh: string, from?: string): Promise<Pair> {
  const { status, body, text } = await refreshFrom(service, refresh, from);
  assert.equal(status, 200, text);
  return body;
}

/** Refreshes when the token is old enough to be spent, whatever made it. */
export function spend(service: Service, refresh: string): Promise<Pair> {
  service.clock.advance(SPENT_AFTER_MS);
  return rotate(service, refresh);
}

/** @param from a user agent; default that of this process */
export const refreshFrom = (service: Service, refresh: string, from?: string): Promise<Answer> =>
  service.post('/api/token/refresh', { refresh }, from === undefined ? {} : { 'user-agent': from });

/** Makes a session's newest refresh token, made by a rotation, old enough to be spent. */
export async function age({ database }: Pick<Service, 'database'>, token: string): Promise<void> {
  const { rotated_at = 0, given_at = 0 } = (await rowOf({ database }, token)) ?? {};
  const older = { rotated_at: rotated_at - SPENT_AFTER_MS, given_at: given_at - SPENT_AFTER_MS };
  await database.transaction((tx) =>
    tx.db.updateTable('sessions').set(older).where('id', '=', sessionIdOf(token)).execute(),
  );
}

export const sessionIdOf = (token: string) => String(claimsOf(token)['sid']);
export const generationOf = (token: string) => Number(claimsOf(token)['gen']);

/** The session's row as stored; `undefined` when there is none. */
export const rowOf = ({ database }: Pick<Service, 'database'>, token: string) =>
  database.db
    .selectFrom('sessions')
    .selectAll()
    .where('id', '=', sessionIdOf(token))
    .executeTakeFirst();

export function assertRefused(answer: Answer, reason: string, message = answer.text): void {
  assert.equal(answer.status, 401, message);
  assert.equal(answer.body.code, 'token_not_valid', message);
  assert.equal(answer.body.reason, reason, message);
}

/** Neither token of the pair opens anything here any more. */
export async function assertDead(service: Service, pair: Pair, message = ''): Promise<void> {
  const answers = {
    'verify access': await service.verify(pair.access),
    'verify refresh': await service.verify(pair.refresh),
    refresh: await service.refresh(pair.refresh),
    Bearer: await service.me(pair.access),
  };
  for (const [where, { status, text }] of Object.entries(answers))
    assert.equal(status, 401, `${message} ${where}: ${text}`);
}

export async function assertAlive(service: Service, pair: Pair, message = ''): Promise<void> {
  assert.equal((await service.verify(pair.access)).status, 200, `${message} verify access`);
  assert.equal((await service.verify(pair.refresh)).status, 200, `${message} verify refresh`);
  assert.equal((await service.me(pair.access)).status, 200, `${message} Bearer`);
}

/** `DELETE` with a Bearer token. */
export const remove = (service: Service, path: string, access: string): Promise<Answer> =>
  service.send(path, { method: 'DELETE', headers: { authorization: `Bearer ${access}` } });

export const logOut = (service: Service, refresh: unknown): Promise<Answer> =>
  service.post('/api/token/blacklist', { refresh });
