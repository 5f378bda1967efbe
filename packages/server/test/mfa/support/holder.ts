/** An account with an authenticator app. otplib computes its codes, not the service's own library. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { generateSync } from 'otplib';
import { PASSWORD, type Service, startService } from '../../support/service.ts';

export const STEP = 30_000;
export const MINUTE = 60_000;

export type Pair = { readonly access: string; readonly refresh: string };

/** @param at epoch milliseconds */
export const codeAt = (secret: string, at: number): string =>
  generateSync({ secret, epoch: Math.floor(at / 1000) });

type Sends = Pick<Service, 'send'>;

export const ask = ({ send }: Sends, method: string, path: string, access: string, body?: object) =>
  send(`/api/users/me/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${access}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });

/** Sets up an app. @returns its secret, the code that turned it on, and the recovery codes */
export async function enrol(service: Service, access: string, proof?: object) {
  const shown = proof ?? { current_password: PASSWORD };
  const begun = await ask(service, 'POST', 'factors/totp', access, shown);
  assert.equal(begun.status, 201, begun.text);
  const { secret, uri }: { secret: string; uri: string } = begun.body;
  const code = codeAt(secret, service.clock.now());
  const confirmed = await ask(service, 'POST', 'factors/totp/confirm', access, { code });
  assert.equal(confirmed.status, 200, confirmed.text);
  const recoveryCodes: string[] = confirmed.body.recovery_codes;
  return { secret, uri, code, recoveryCodes };
}

/** A service with an account that has an app; the clock is at the next time step. */
export async function startWithFactor(
  t: TestContext,
  variables: Record<string, string> = {},
  now?: number,
) {
  const service = await startService(t, variables);
  if (now !== undefined) service.clock.advance(now - service.clock.now());
  await service.register();
  const pair: Pair = (await service.login()).body;
  const enrolled = await enrol(service, pair.access);
  service.clock.advance(STEP);
  const login = (body: object = {}) =>
    service.post('/api/token', { email: 'alice@example.com', password: PASSWORD, ...body });
  /** The challenge of a login with the right password. */
  async function challenge(): Promise<string> {
    const refused = await login();
    assert.equal(refused.status, 401, refused.text);
    assert.equal(refused.body.code, 'second_factor_required');
    return refused.body.challenge;
  }
  return {
    service,
    ...enrolled,
    /** The pair of the session that set the app up, from before that. */
    pair,
    code: () => codeAt(enrolled.secret, service.clock.now()),
    login,
    challenge,
    /** One after the other, because a busy machine refuses some of many passwords at once. */
    async challenges(count: number): Promise<string[]> {
      const all: string[] = [];
      while (all.length < count) all.push(await challenge());
      return all;
    },
    complete: (challenge: string, code: string) =>
      service.post('/api/token/second_factor', { challenge, code }),
    sessions: () => service.database.db.selectFrom('sessions').selectAll().execute(),
  };
}
