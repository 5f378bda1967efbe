/** Presents a token wherever one is taken, and sees that it is refused and nothing has changed. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type Answer, goodClaims, type Service, startService } from '../../support/service.ts';

export type Claims = ReturnType<typeof goodClaims> & { [name: string]: unknown };

type Expected = {
  /** The `reason` that verify and refresh must give. */
  readonly reason?: string;
  /** `false` when HTTP itself trims or cannot carry this spelling in a header. */
  readonly bearer?: false;
};

/** Forged tokens name no session; without this they would be refused for that alone. */
export const SESSIONLESS = { GATEPASS_ACCEPT_SESSIONLESS_TOKENS: 'true' };

/** A service with one account (id 1) and a second one (id 2) that a forger would like to be. */
export async function startTarget(t: TestContext, variables: Record<string, string> = {}) {
  const service = await startService(t, { ...SESSIONLESS, ...variables });
  await service.register('alice@example.com');
  await service.register('bob@example.com');
  const state = await stateOf(service);
  const claims = (type: 'access' | 'refresh'): Claims => goodClaims(service.clock.now(), 1, type);

  return {
    service,
    claims,

    /** @param make a token from claims that are good but for what it does to them */
    async refuses(name: string, make: (claims: Claims) => unknown, expected: Expected = {}) {
      const [access, refresh] = [make(claims('access')), make(claims('refresh'))];
      assertTokenRefused(`${name}: verify access`, await service.verify(access), expected);
      assertTokenRefused(`${name}: verify refresh`, await service.verify(refresh), expected);
      assertTokenRefused(`${name}: refresh`, await service.refresh(refresh), expected);
      if (expected.bearer !== false)
        assertBearerRefused(`${name}: Bearer`, await service.me(String(access)));
      assert.deepEqual(await stateOf(service), state, `${name}: state`);
    },

    /** The control of a table: the same way of making a token is accepted when nothing is wrong. */
    async accepts(name: string, make: (claims: Claims) => string) {
      const [access, refresh] = [make(claims('access')), make(claims('refresh'))];
      assert.equal((await service.verify(access)).text, '{}', `${name}: verify`);
      assert.equal((await service.verify(refresh)).text, '{}', `${name}: verify`);
      assert.equal((await service.refresh(refresh)).status, 200, `${name}: refresh`);
      assert.equal((await service.me(access)).status, 200, `${name}: Bearer`);
    },
  };
}

export type Target = Awaited<ReturnType<typeof startTarget>>;

/** Every row that a request could have changed. */
const stateOf = async ({ database }: Service) => ({
  users: await database.db.selectFrom('users').selectAll().orderBy('id').execute(),
  keys: await database.db.selectFrom('signing_keys').selectAll().orderBy('kid').execute(),
});

export function assertTokenRefused(name: string, answer: Answer, expected: Expected = {}): void {
  assert.equal(answer.status, 401, `${name}: ${answer.text}`);
  assert.equal(answer.headers.get('www-authenticate'), 'Bearer realm="api"', name);
  assert.deepEqual(Object.keys(answer.body), ['detail', 'code', 'reason'], name);
  assert.equal(answer.body.code, 'token_not_valid', name);
  if (expected.reason) assert.equal(answer.body.reason, expected.reason, name);
}

export function assertBearerRefused(name: string, answer: Answer): void {
  assert.equal(answer.status, 401, `${name}: ${answer.text}`);
  assert.equal(answer.headers.get('www-authenticate'), 'Bearer realm="api"', name);
  assert.match(
    answer.body.code ?? answer.body.detail,
    /^(token_not_valid|bad_authorization_header|Authentication credentials were not provided\.)$/,
    name,
  );
}
