/** A service with its limits on, behind a proxy: each request comes from an address of its own. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type Answer, startService } from '../../support/service.ts';

export const WRONG = 'wrong otter parade 41';
export const VICTIM = 'alice@example.com';
export const HOME = '198.51.100.1';
export const MINUTE = 60_000;

export async function startLimited(
  t: TestContext,
  variables: Record<string, string> = {},
  observers: Parameters<typeof startService>[2] = {},
) {
  let hashes = 0;
  const service = await startService(
    t,
    { GATEPASS_RATE_LIMITS: 'on', GATEPASS_TRUSTED_PROXIES: '127.0.0.1', ...variables },
    { hashing: { started: () => hashes++ }, ...observers },
  );
  const from = (address: string) => ({ 'x-forwarded-for': address });
  return {
    ...service,
    hashes: () => hashes,
    loginFrom: (address: string, email = VICTIM, password?: string) =>
      service.post('/api/token', { email, password: password ?? WRONG }, from(address)),
    registerFrom: (address: string, email = VICTIM) =>
      service.post('/api/users', { email, password: 'correct horse 9 battery' }, from(address)),
    from,
  };
}

export type Limited = Awaited<ReturnType<typeof startLimited>>;
export const RIGHT = 'correct horse 9 battery';
export const statusOf = ({ status }: Answer) => status;

export function assertThrottled(answer: Answer, limit: string, seconds: number): void {
  assert.equal(answer.status, 429, answer.text);
  assert.deepEqual(answer.body, {
    detail: `Request was throttled. Expected available in ${seconds} second${seconds === 1 ? '' : 's'}.`,
    code: 'throttled',
  });
  assert.equal(answer.headers.get('retry-after'), String(seconds));
  assert.equal(answer.headers.get('ratelimit'), `"${limit}";r=0;t=${seconds}`);
  assert.match(answer.headers.get('ratelimit-policy') ?? '', new RegExp(`^"${limit}";q=\\d+`));
}

/**
 * How many of the guesses were looked at. Those that found no time are not counted by the service,
 * so all together are the budget, however busy the machine is.
 */
export async function guessUntilThrottled(guess: () => Promise<{ status: number } | undefined>) {
  for (let looked = 0; ; ) {
    const status = (await guess())?.status;
    if (status === 429) return looked;
    if (status === 401) looked++;
    else assert.equal(status, 503);
    assert.ok(looked <= 10, 'never throttled');
  }
}
