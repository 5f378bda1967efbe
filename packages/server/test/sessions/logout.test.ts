/** docs/security-cases.md, group LO and RF15, TC10, TC11: what ends sessions ends every token of theirs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountsOf } from '../security/support/accounts.ts';
import { startNode } from '../support/node.ts';
import { post, startProcess, workDirectory } from '../support/process.ts';
import { claimsOf, forge, PASSWORD, type Service, startService } from '../support/service.ts';
import { until } from '../support/until.ts';
import {
  assertAlive,
  assertDead,
  assertRefused,
  DAY,
  logIn,
  logOut,
  MINUTE,
  type Pair,
  ROTATING,
  remove,
  rotate,
  rowOf,
  SECOND,
  STRICT,
  spend,
} from './support/holder.ts';

const NEW_PASSWORD = 'granite otter parade 41';
const MODES = [
  ['rotating', ROTATING],
  ['not rotating', STRICT],
] as const;

for (const [mode, variables] of MODES) {
  test(`LO02 logging out twice is 200 twice, and no token of the session is valid (${mode})`, async (t) => {
    const service = await startService(t, variables);
    const pair = await logIn(service);
    const other = await logIn(service);
    for (let i = 0; i < 2; i++) {
      const { status, text } = await logOut(service, pair.refresh);
      assert.deepEqual([status, text], [200, '{}']);
    }
    await assertDead(service, pair);
    await assertAlive(service, other);
    assert.equal((await rowOf(service, pair.refresh))?.end_reason, 'logout');
  });
}

test('LO02 an expired, foreign, wrong or garbage token ends no session', async (t) => {
  const service = await startService(t, ROTATING);
  const pair = await logIn(service);
  const payload = claimsOf(pair.refresh);
  const tokens = {
    foreign: [forge({ payload, secret: 'f'.repeat(64) }), 'signature'],
    access: [pair.access, 'wrong_type'],
    garbage: ['garbage', 'malformed'],
    expired: [forge({ payload: { ...payload, exp: Number(payload['iat']) - 1 } }), 'expired'],
  } as const;
  for (const [name, [token]] of Object.entries(tokens)) {
    const { status, body } = await logOut(service, token);
    assert.deepEqual([status, body.code], [401, 'token_not_valid'], name);
  }
  await assertAlive(service, pair);
});

test('LO02 any generation of a session logs it out', async (t) => {
  const service = await startService(t, ROTATING);
  const first = await logIn(service);
  const second = await rotate(service, first.refresh);
  const third = await spend(service, second.refresh);
  assert.equal((await logOut(service, first.refresh)).status, 200);
  await assertDead(service, third);
  assert.equal((await rowOf(service, first.refresh))?.end_reason, 'logout');
});

test('LO05 logging out everywhere ends 20 sessions, even while two of them refresh', async (t) => {
  const service = await startService(t, ROTATING);
  const pairs: Pair[] = [];
  for (let i = 0; i < 20; i++) pairs.push(await logIn(service));
  const [first, second, third] = pairs;
  assert.ok(first && second && third);
  const [, ...refreshed] = await Promise.all([
    remove(service, '/api/sessions?scope=all', first.access),
    service.refresh(second.refresh),
    service.refresh(third.refresh),
  ]);
  for (const { status, body } of refreshed) if (status === 200) pairs.push(body);
  for (const pair of pairs) await assertDead(service, pair);
  const rows = await service.database.db.selectFrom('sessions').selectAll().execute();
  assert.equal(rows.filter(({ ended_at }) => ended_at === null).length, 0);
});

type Change = (service: Service, asking: Pair) => Promise<unknown>;

const changePassword: Change = async (service, { access }) => {
  const body = { current_password: PASSWORD, new_password: NEW_PASSWORD };
  const headers = { authorization: `Bearer ${access}` };
  const answer = await service.post('/api/users/me/password', body, headers);
  assert.equal(answer.status, 200);
  assert.deepEqual(Object.keys(answer.body), ['refresh', 'access']);
  await assertAlive(service, answer.body, 'the new pair');
  await rotate(service, answer.body.refresh);
};
const changes: {
  name: string;
  change: Change;
  reason: string;
  keepsAsking?: true;
  at?: 'elsewhere';
}[] = [
  {
    name: 'LO07 RF15 password change',
    change: changePassword,
    reason: 'revoked',
  },
  {
    name: "LO07 password change under djoser's name",
    change: async (service, { access }) => {
      const body = { current_password: PASSWORD, new_password: NEW_PASSWORD };
      const headers = { authorization: `Bearer ${access}` };
      assert.equal((await service.post('/api/users/set_password', body, headers)).status, 204);
    },
    reason: 'revoked',
    keepsAsking: true,
  },
  {
    name: 'RF15 password set by the operator',
    change: async (service) => (await accountsOf(service)).setPassword(NEW_PASSWORD),
    reason: 'revoked',
    at: 'elsewhere',
  },
  {
    name: 'RF15 TC11 disabling',
    change: async (service) => (await accountsOf(service)).disable(),
    reason: 'user_inactive',
  },
  {
    name: 'RF15 TC10 deletion',
    change: async (service, { access }) => {
      const { status } = await service.send('/api/users/me', {
        method: 'DELETE',
        headers: { authorization: `Bearer ${access}`, 'content-type': 'application/json' },
        body: JSON.stringify({ current_password: PASSWORD }),
      });
      assert.equal(status, 204);
    },
    reason: 'revoked',
  },
];

/** The operator's changes are another process's: this one follows. */
async function untilFollowed(service: Service, token: string): Promise<void> {
  await until('verify knows', async () => (await service.verify(token)).status !== 200);
}

for (const [mode, variables] of MODES) {
  for (const { name, change, reason, keepsAsking, at } of changes) {
    test(`${name} ends the sessions of the account, and no other account's (${mode})`, async (t) => {
      const service = await startService(t, variables);
      const asking = await logIn(service);
      const other = await logIn(service);
      const bob = await logIn(service, 'bob@example.com');
      await change(service, asking);
      assertRefused(await service.refresh(other.refresh), reason);
      if (!at) assert.equal((await service.me(other.access)).status, 401, 'Bearer at once');
      await untilFollowed(service, other.access);
      await assertDead(service, other);
      if (keepsAsking) await assertAlive(service, asking);
      else await assertDead(service, asking);
      await assertAlive(service, bob);
    });
  }
}

test('TC10 old tokens do not work when the address of a deleted account is registered again', async (t) => {
  const service = await startService(t, ROTATING);
  const old = await logIn(service);
  await (await accountsOf(service)).remove();
  const fresh = await logIn(service);
  assert.notEqual(claimsOf(fresh.access)['user_id'], claimsOf(old.access)['user_id']);
  await untilFollowed(service, old.access);
  await assertDead(service, old);
  await assertAlive(service, fresh);
});

const late: { name: string; change: Change }[] = [
  ...changes,
  {
    name: 'LO05 logout everywhere',
    change: (service, { access }) => remove(service, '/api/sessions?scope=all', access),
  },
];
for (const { name, change } of late) {
  test(`${name} also ends the access token of a session that has just expired`, async (t) => {
    const service = await startService(t, STRICT);
    const { refresh } = await logIn(service);
    service.clock.advance(DAY - SECOND);
    const { body } = await service.refresh(refresh);
    const asking = await logIn(service);
    service.clock.advance(MINUTE);
    assert.equal((await service.verify(body.access)).status, 200);
    await change(service, asking);
    await untilFollowed(service, body.access);
    assert.equal((await service.verify(body.access)).status, 401, 'verify');
    assert.equal((await service.me(body.access)).status, 401, 'Bearer');
  });
}

test('LO09 an acknowledged logout survives kill -9 right after the response', async (t) => {
  const directory = await workDirectory(t);
  const before = await startProcess(t, directory);
  const credentials = { email: 'a@example.com', password: PASSWORD };
  await post(before.url, '/api/users', credentials);
  const pairs = [];
  for (let i = 0; i < 4; i++) {
    const login = await post(before.url, '/api/token', credentials);
    assert.equal(login?.status, 200);
    pairs.push({ access: login.body['access'], refresh: login.body['refresh'] });
  }
  const ends = pairs.map(({ refresh }) => post(before.url, '/api/token/blacklist', { refresh }));
  const answers = await Promise.all(ends);
  before.child.kill('SIGKILL');
  assert.deepEqual([...new Set(answers.map((answer) => answer?.status))], [200]);
  await before.exited;
  const { url } = await startNode(t, directory);
  for (const { access, refresh } of pairs) {
    assert.equal((await post(url, '/api/token/verify', { token: access }))?.status, 401);
    assert.equal((await post(url, '/api/token/refresh', { refresh }))?.status, 401);
  }
});
