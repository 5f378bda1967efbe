/** Keys of programs: their form, what they may not do, and when they end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApiKeys } from '../../src/api-keys/api-keys.ts';
import { newKey, readKeyId } from '../../src/api-keys/key-text.ts';
import { TABLES } from '../../src/backup/tables.ts';
import { runCommand } from '../support/command.ts';
import { databaseOf, SQLITE_ONLY, workDirectory } from '../support/databases.ts';
import { createTestClock } from '../support/service.ts';
import { until } from '../support/until.ts';
import { auditOf, startAdministration } from './support/administration.ts';

const DAY = 86_400_000;
const KEYS = '/api/admin/api_keys';
const NEW = { name: 'Nightly export', scopes: ['audit:read', 'users:read'] };

/** The same key with another last character, whose checksum is wrong then. */
const mistyped = (key: string) => key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');

test('a key has the promised form, and its checksum detects a typo anywhere', () => {
  const { id, text } = newKey();
  assert.match(text, /^gp_[0-9A-Za-z]{8}_[0-9A-Za-z]{38}$/);
  assert.equal(readKeyId(text), id);
  for (let at = 0; at < text.length; at++) {
    const other = text[at] === 'x' ? 'y' : 'x';
    assert.equal(readKeyId(text.slice(0, at) + other + text.slice(at + 1)), undefined, `at ${at}`);
  }
  assert.equal(new Set(Array.from({ length: 1000 }, () => newKey().text)).size, 1000);
});

test('AD01 a wrong checksum costs no database read', async () => {
  const reads: string[] = [];
  const apiKeys = createApiKeys({
    store: new Proxy(
      { find: async (id: string) => void reads.push(id) },
      { get: (target, name) => Reflect.get(target, name) ?? (async () => {}) },
    ) as unknown as Parameters<typeof createApiKeys>[0]['store'],
    audit: { record: async () => {} } as never,
    transaction: (work) => work({} as never),
    clock: createTestClock(),
    onError: (error) => assert.fail(String(error)),
  });
  const { id, text } = newKey();
  for (const wrong of [mistyped(text), `${text}0`, 'gp_', '', 'x'.repeat(8000)])
    assert.equal(await apiKeys.find(wrong), undefined);
  assert.deepEqual(reads, []);
  assert.equal(await apiKeys.find(text), undefined);
  assert.deepEqual(reads, [id], 'a right one is looked up');
});

test('AD01 a made-up, mistyped, expired or revoked key is refused, and a valid one cannot create keys', async (t) => {
  const admin = await startAdministration(t);
  const token = await admin.begin();
  const create = (body: object, by = token) => admin.ask(KEYS, { method: 'POST', body }, by);
  const created = await create(NEW);
  assert.equal(created.status, 201, created.text);
  const { key, api_key: shown } = created.body;
  assert.deepEqual(shown.scopes, ['users:read', 'audit:read']);
  assert.equal(Date.parse(shown.expires_at) - Date.parse(shown.created_at), 90 * DAY);
  assert.equal(shown.created_by, 'admin:1');

  /** A key that is valid is refused for what it is, not for who it is. */
  const seen = async (text: string) => (await admin.ask(KEYS, {}, text)).body.code;
  assert.equal(await seen(key), 'administrators_only');
  for (const text of [newKey().text, mistyped(key), key.toLowerCase(), `${key}x`])
    assert.equal(await seen(text), 'credential_not_valid', text);
  assert.equal((await create(NEW, key)).body.code, 'administrators_only');
  assert.equal((await admin.ask('/api/admin/session', {}, key)).status, 403);
  assert.equal((await admin.me(key)).status, 401, 'nor is it a token of the public API');

  admin.clock.advance(90 * DAY);
  assert.equal(await seen(key), 'credential_not_valid');
  const again = (await admin.logIn()).body.token;
  const long = (await create({ ...NEW, days: 3650 }, again)).body;
  assert.equal(await seen(long.key), 'administrators_only');
  const revoke = () => admin.ask(`${KEYS}/${long.api_key.id}`, { method: 'DELETE' }, again);
  assert.equal((await revoke()).status, 204);
  assert.equal(await seen(long.key), 'credential_not_valid');
  assert.equal((await revoke()).status, 404);
  const events = [
    ...(await auditOf(admin, 'api_key.create')),
    ...(await auditOf(admin, 'api_key.revoke')),
  ];
  assert.deepEqual(
    events.map(({ actor }) => actor),
    ['admin:1', 'admin:1', 'admin:1'],
  );
});

test('creating a key requires a recently confirmed password and valid fields', async (t) => {
  const admin = await startAdministration(t);
  const token = await admin.begin();
  const create = (body: object) => admin.ask(KEYS, { method: 'POST', body }, token);
  for (const wrong of [
    { ...NEW, scopes: ['root'] },
    { ...NEW, scopes: [] },
    { ...NEW, scopes: 'users:read' },
    { ...NEW, days: 0 },
    { ...NEW, days: 3651 },
    { ...NEW, name: '' },
    { scopes: NEW.scopes },
  ])
    assert.equal((await create(wrong)).status, 400, JSON.stringify(wrong));
  admin.clock.advance(10 * 60_000);
  const refused = await create(NEW);
  assert.deepEqual([refused.status, refused.body.code], [403, 'confirmation_required']);
  assert.deepEqual((await admin.ask(KEYS, {}, token)).body, { api_keys: [] });
});

for (const [what, path, method] of [
  ['demoted', '/admin', 'DELETE'],
  ['disabled', '/disable', 'POST'],
  ['deleted', '', 'DELETE'],
] as const)
  test(`the keys of an administrator who is ${what} are revoked and audited, those of others go on`, async (t) => {
    const admin = await startAdministration(t);
    const token = await admin.begin();
    assert.equal((await admin.register()).status, 201);
    const change = (to: string, by: string) =>
      admin.ask(`/api/admin/users/2${to}`, { method: by }, token);
    assert.equal((await change('/admin', 'POST')).status, 200);
    const other = (await admin.logIn('alice@example.com')).body.token;
    const create = async (by: string) => {
      const { status, body } = await admin.ask(KEYS, { method: 'POST', body: NEW }, by);
      assert.equal(status, 201);
      return { id: body.api_key.id, isValid: () => admin.ask('/api/admin/users', {}, body.key) };
    };
    const [own, first, second] = [await create(token), await create(other), await create(other)];
    assert.equal((await first.isValid()).status, 200);
    const changed = await change(path, method);
    assert.ok(changed.status < 300, changed.text);
    for (const key of [first, second]) assert.equal((await key.isValid()).status, 401);
    assert.equal((await own.isValid()).status, 200);
    assert.deepEqual(
      (await auditOf(admin, 'api_key.revoke')).map(({ actor }) => actor),
      ['admin:1', 'admin:1'],
    );
  });

test('RF14 no column contains a key, and the last use is written rarely', async (t) => {
  const admin = await startAdministration(t);
  const token = await admin.begin();
  const { key } = (await admin.ask(KEYS, { method: 'POST', body: NEW }, token)).body;
  for (const table of Object.keys(TABLES) as (keyof typeof TABLES)[]) {
    const rows = await admin.database.db.selectFrom(table).selectAll().execute();
    const text = JSON.stringify(rows);
    assert.ok(!text.includes(key.slice(12)) && !text.includes(token), table);
  }
  const lastUse = async () =>
    (await admin.database.db.selectFrom('api_keys').select('last_used_at').executeTakeFirst())
      ?.last_used_at;
  const use = () => admin.ask(KEYS, {}, key);
  const first = admin.clock.now();
  await use();
  await until('the use is noted', async () => (await lastUse()) === first);
  admin.clock.advance(9 * 60_000);
  await use();
  admin.clock.advance(60_000);
  const later = admin.clock.now();
  assert.equal(await lastUse(), first, 'not within ten minutes');
  await use();
  await until('it is noted again', async () => (await lastUse()) === later);
});

test('the command line creates, lists and revokes keys, also named by their whole text', async (t) => {
  const directory = await workDirectory(t);
  const env = { GATEPASS_DATABASE_URL: await databaseOf(directory) };
  const gatepass = (...args: string[]) => runCommand(directory, ['api-key', ...args], '', env);
  const made = await gatepass(
    'create',
    'Gateway',
    '--scope',
    'introspect',
    '--days',
    '7',
    '--json',
  );
  assert.equal(made.code, 0, made.stderr);
  const { key, id } = JSON.parse(made.stdout);
  assert.equal(readKeyId(key), id);
  const list = await gatepass('list');
  assert.match(
    list.stdout,
    new RegExp(`^${id}  valid {4}until \\S+  used never.* introspect  Gateway\n$`),
  );
  assert.ok(!list.stdout.includes(key));
  assert.equal((await gatepass('create', 'x', '--scope', 'all')).code, 2);
  assert.equal((await gatepass('create', 'x')).code, 2);
  assert.equal((await gatepass('create', 'x', '--scope', 'introspect', '--days', '0')).code, 2);
  assert.equal((await gatepass('revoke', key)).code, 0);
  assert.match((await gatepass('list')).stdout, /revoked/);
  assert.equal((await gatepass('revoke', id)).code, 3);
});

test(
  'a restore revokes every key, so that a key revoked after the backup stays revoked',
  SQLITE_ONLY,
  async (t) => {
    const directory = await workDirectory(t);
    const gatepass = async (...args: string[]) => {
      const run = await runCommand(directory, args);
      assert.equal(run.code, 0, run.stderr);
      return run.stdout;
    };
    await gatepass('api-key', 'create', 'Gateway', '--scope', 'introspect');
    await gatepass('db', 'backup', 'copy.db');
    await gatepass('db', 'restore', 'copy.db', '--yes');
    assert.match(await gatepass('api-key', 'list'), /^\w{8} {2}revoked .*Gateway\n$/);
  },
);
