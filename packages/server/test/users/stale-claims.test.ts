/** A change of claims reaches tokens that are out already, on every node, and no session ends. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { readUpTo, sha256 } from '../revocations/support/feed.ts';
import { accountsOf } from '../security/support/accounts.ts';
import { startBeside } from '../sessions/support/faulty.ts';
import { newSharedDatabase } from '../support/databases.ts';
import { claimsOf, createTestClock, forge, goodClaims, startService } from '../support/service.ts';
import { until } from '../support/until.ts';

const ROTATING = {
  GATEPASS_ROTATE_REFRESH_TOKENS: 'true',
  GATEPASS_ACCEPT_SESSIONLESS_TOKENS: 'false',
};

type Verify = (token: string) => Promise<{ readonly status: number }>;
/** The change was made by a third process. */
const refused = (verify: Verify, token: string) =>
  until('the node knows', async () => (await verify(token)).status === 401);

async function startTwo(t: TestContext, variables: Record<string, string> = ROTATING) {
  const clock = createTestClock();
  const url = await newSharedDatabase(t);
  const settings = { ...variables, GATEPASS_DATABASE_URL: url };
  const here = await startService(t, settings, { clock });
  const other = await startBeside(t, { url, variables, clock });
  const there = async (path: string, init: RequestInit) => {
    const response = await fetch(other.url + path, init);
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  const verifyThere = (token: string) =>
    there('/api/token/verify', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
  const bearerThere = (path: string, token: string) =>
    there(path, { headers: { authorization: `Bearer ${token}` } });
  await here.register();
  return { here, clock, verifyThere, bearerThere, ...(await accountsOf(here)) };
}

for (const variables of [{}, ROTATING])
  test(`CL02 a demotion takes effect at once at every node, and the next refresh has the new claims ${JSON.stringify(variables)}`, async (t) => {
    const { here, setClaims, verifyThere, bearerThere } = await startTwo(t, variables);
    await setClaims({ role: 'admin' });
    const pair = (await here.login()).body;
    assert.equal((await verifyThere(pair.access)).status, 200);
    assert.equal((await bearerThere('/api/token/verify', pair.access)).status, 200);

    // In the same second as the login.
    await setClaims({ role: 'user' });
    await refused(here.verify, pair.access);
    const stale = await here.verify(pair.access);
    assert.equal(stale.status, 401);
    assert.deepEqual(stale.body, {
      detail: 'Token is invalid or expired',
      code: 'token_not_valid',
      reason: 'stale_claims',
    });
    // A Bearer route reads the row, so it need not have heard of the change.
    const me = await bearerThere('/api/users/me', pair.access);
    assert.deepEqual([me.status, me.body.reason], [401, 'stale_claims']);
    await refused(verifyThere, pair.access);
    assert.equal((await verifyThere(pair.access)).body.reason, 'stale_claims');
    const proxied = await bearerThere('/api/token/verify', pair.access);
    assert.deepEqual([proxied.status, proxied.body.reason], [401, 'stale_claims']);

    assert.equal((await here.verify(pair.refresh)).status, 200);
    const next = await here.refresh(pair.refresh);
    assert.equal(next.status, 200);
    assert.equal(claimsOf(next.body.access)['role'], 'user');
    assert.equal((await verifyThere(next.body.access)).status, 200);
    assert.deepEqual((await bearerThere('/api/users/me', next.body.access)).body.claims, {
      role: 'user',
    });
  });

test("CL02 a change of claims keeps every session and affects no other account's tokens", async (t) => {
  const { here, setClaims, verifyThere } = await startTwo(t);
  await here.register('bob@example.com');
  const bob = (await here.login('bob@example.com')).body;
  const logins = [(await here.login()).body, (await here.login()).body];
  await setClaims({ role: 'admin' });
  await refused(here.verify, logins[0].access);
  for (const login of logins) {
    assert.equal((await here.verify(login.access)).body.reason, 'stale_claims');
    const next = await here.refresh(login.refresh);
    assert.equal(next.status, 200);
    assert.equal((await here.verify(next.body.access)).status, 200);
  }
  await refused(verifyThere, logins[0].access);
  for (const verify of [here.verify, verifyThere])
    assert.equal((await verify(bob.access)).status, 200);
});

test('CL02 tokens are compared by their own version of claims, also those of another issuer', async (t) => {
  const { here, clock, setClaims } = await startTwo(t, {
    ...ROTATING,
    GATEPASS_ACCEPT_SESSIONLESS_TOKENS: 'true',
  });
  const foreign = forge({ payload: goodClaims(clock.now()) });
  assert.equal((await here.verify(foreign)).status, 200);
  await setClaims({ role: 'admin' });
  await refused(here.verify, foreign);
  assert.equal((await here.verify(foreign)).body.reason, 'stale_claims');
  assert.equal((await here.me(foreign)).body.reason, 'stale_claims');
  for (const [cv, status] of [
    [0, 401],
    [1, 200],
    ['1', 401],
    [null, 401],
  ] as const) {
    const payload = { ...goodClaims(clock.now()), cv };
    assert.equal((await here.verify(forge({ payload }))).status, status, String(cv));
  }
  const refresh = forge({ payload: goodClaims(clock.now(), 1, 'refresh') });
  const next = await here.refresh(refresh);
  assert.equal(next.status, 200);
  assert.equal(claimsOf(next.body.access)['role'], 'admin');
});

test('the feed lists a change once per account, as long as older access tokens are valid', async (t) => {
  const { here, clock, setClaims } = await startTwo(t);
  await setClaims({ role: 'admin' });
  await setClaims({ role: 'user' });
  const { revocations } = await readUpTo(here, 2);
  const { expires_at, ...entry } = revocations[0] ?? {};
  assert.equal(revocations.length, 1, 'the second says all that the first said');
  assert.deepEqual(entry, { seq: 2, session: sha256('1'), claims: 2 });
  assert.ok(Number(expires_at) * 1000 >= clock.now() + 6 * 60_000);
  assert.ok(Number(expires_at) * 1000 < clock.now() + 6 * 60_000 + 1000);
});

test('an older version reads the row as the end of an unknown session', async (t) => {
  const { here, setClaims } = await startTwo(t);
  await setClaims({ role: 'admin' });
  const found = await here.database.db.selectFrom('revocations').selectAll().execute();
  assert.deepEqual(
    found.map(({ kind, subject, series, claims_version }) => [
      kind,
      subject,
      series,
      claims_version,
    ]),
    [['session', '1', 0, 1]],
  );
});
