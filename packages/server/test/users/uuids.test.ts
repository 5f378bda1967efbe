/** GATEPASS_USER_IDS=uuid: accounts that are known by a UUID, beside those that are known by their integer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uuidv7 } from '../../src/users/uuid.ts';
import { readUpTo, sha256 } from '../revocations/support/feed.ts';
import { accountsOf } from '../security/support/accounts.ts';
import { runCommand } from '../support/command.ts';
import { databaseOf, workDirectory } from '../support/databases.ts';
import { claimsOf, forge, goodClaims, PASSWORD, startService } from '../support/service.ts';
import { until } from '../support/until.ts';

const UUIDS = { GATEPASS_USER_IDS: 'uuid' };
const V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

for (const rotates of ['true', 'false'])
  test(`tokens, routes and forward authentication know an account by its UUID (rotation ${rotates})`, async (t) => {
    const service = await startService(t, { ...UUIDS, GATEPASS_ROTATE_REFRESH_TOKENS: rotates });
    const { id } = (await service.register()).body;
    assert.match(id, V7);
    const login = (await service.login()).body;
    const next = (await service.refresh(login.refresh)).body;
    for (const token of [login.access, login.refresh, next.access]) {
      const claims = claimsOf(token);
      assert.deepEqual([claims['user_id'], claims['sub']], [id, id]);
      assert.equal((await service.verify(token)).status, 200);
    }
    assert.equal((await service.me(next.access)).body.id, id);
    const headers = { authorization: `Bearer ${next.access}` };
    const asked = await service.send('/api/token/verify', { headers });
    assert.equal(asked.headers.get('x-gatepass-user-id'), id);
    assert.equal((await service.send('/api/sessions', { headers })).status, 200);
    const refresh = next.refresh ?? login.refresh;
    await service.post('/api/token/blacklist', { refresh });
    assert.equal((await service.verify(next.access)).body.reason, 'revoked');
    assert.equal((await service.refresh(refresh)).body.reason, 'revoked');
  });

test('neither the integer behind a UUID nor another spelling names the account', async (t) => {
  const service = await startService(t, UUIDS);
  const { id } = (await service.register()).body;
  const { body: login } = await service.login();
  const claims = goodClaims(service.clock.now());
  const { sid } = claimsOf(login.refresh);
  for (const user_id of [1, '1', id.toUpperCase(), id.replaceAll('-', ''), `{${id}}`]) {
    const access = forge({ payload: { ...claims, user_id } });
    assert.equal((await service.me(access)).body.code, 'user_not_found', String(user_id));
    const refresh = forge({ payload: { ...claims, token_type: 'refresh', user_id, sid } });
    assert.equal((await service.refresh(refresh)).status, 401, String(user_id));
    await service.post('/api/token/blacklist', { refresh });
  }
  assert.equal(
    (await service.refresh(login.refresh)).status,
    200,
    'no such token ended the session',
  );
  // Django's own, of a model with UUIDs.
  const foreign = forge({ payload: { ...claims, token_type: 'refresh', user_id: id } });
  const adopted = await service.refresh(foreign);
  assert.equal(adopted.status, 200);
  assert.equal((await service.me(adopted.body.access)).body.id, id);
});

test('ends and changes of an account apply to its tokens by UUID', async (t) => {
  const service = await startService(t, { ...UUIDS, GATEPASS_ROTATE_REFRESH_TOKENS: 'true' });
  const { id } = (await service.register()).body;
  const { setClaims, setPassword } = await accountsOf(service);
  const [one, other] = [(await service.login()).body, (await service.login()).body];
  const foreign = forge({ payload: { ...goodClaims(service.clock.now()), user_id: id } });
  assert.equal((await service.verify(foreign)).status, 200);
  await setClaims({ role: 'admin' });
  await until('the change is known', async () => (await service.verify(one.access)).status === 401);
  assert.equal((await service.verify(one.access)).body.reason, 'stale_claims');
  const renewed = (await service.refresh(one.refresh)).body;
  assert.equal(claimsOf(renewed.access)['role'], 'admin');

  await setPassword('granite otter parade 41');
  await until(
    'the end is known',
    async () => (await service.verify(renewed.access)).body.reason === 'revoked',
  );
  for (const token of [other.access, other.refresh, foreign])
    assert.equal((await service.verify(token)).body.reason, 'revoked');
  const { revocations } = await readUpTo(service, 3);
  for (const entry of revocations) assert.equal(entry['session'] ?? entry['user'], sha256(id));
});

test('accounts with integers and with UUIDs work side by side, at the command line and in the audit log', async (t) => {
  const directory = await workDirectory(t);
  const gatepass = (env: Record<string, string>, ...args: string[]) =>
    runCommand(directory, args, PASSWORD, env);
  await gatepass({}, 'user', 'create', 'alice@example.com');
  const created = await gatepass(UUIDS, 'user', 'create', 'bob@example.com', '--json');
  const { id } = JSON.parse(created.stdout);
  assert.match(id, V7);
  const service = await startService(t, { GATEPASS_DATABASE_URL: await databaseOf(directory) });
  const alice = (await service.login()).body;
  const bob = (await service.login('bob@example.com')).body;
  assert.equal(claimsOf(alice.access)['user_id'], 1);
  assert.equal(claimsOf(bob.access)['user_id'], id);

  const shown = await gatepass({}, 'user', 'show', id.toUpperCase(), '--json');
  assert.equal(JSON.parse(shown.stdout).email, 'bob@example.com');
  assert.equal((await gatepass({}, 'user', 'show', '2')).code, 3, 'what is behind it is no name');
  const audited = await gatepass({}, 'audit', 'list', '--user', id, '--json');
  const events = audited.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(new Set(events.map(({ user_id }) => user_id)), new Set([id]));
  assert.deepEqual(events.map(({ event }) => event).sort(), ['login.ok', 'user.register']);
  assert.equal((await gatepass({}, 'user', 'delete', id)).code, 0);
  assert.equal((await service.me(bob.access)).body.code, 'user_not_found');
  assert.equal((await service.me(alice.access)).status, 200);
});

test('a UUID of version 7 begins with its time and ends with random bits', () => {
  const bytes = () => Buffer.alloc(16, 0xff);
  assert.equal(uuidv7(0x017f22e279b0, bytes), '017f22e2-79b0-7fff-bfff-ffffffffffff');
  const zero = () => Buffer.alloc(16);
  assert.equal(uuidv7(0x017f22e279b0, zero), '017f22e2-79b0-7000-8000-000000000000');
  assert.notEqual(uuidv7(1), uuidv7(1));
});
