/** Events as programs read them by pages: what they say, who may read them, where a reader goes on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OPERATOR } from '../../src/audit/event.ts';
import { createAuditStore } from '../../src/audit/store.ts';
import { PASSWORD } from '../support/service.ts';
import { startEvents } from './support/reader.ts';

const DAY = 86_400_000;

test('events of an account and its sessions are in order and contain no secret', async (t) => {
  const service = await startEvents(t);
  const { next: start } = await service.read();
  await service.register();
  const pair = (await service.login()).body;
  await service.login('alice@example.com', 'wrong horse 9 battery');
  await service.post('/api/token/blacklist', { refresh: pair.refresh });
  const user = '/api/admin/users/2';
  await service.ask(`${user}/disable`, { method: 'POST' }, service.token);
  const { events, next, newest } = await service.read(`?after=${start}`);
  const told = events.filter(({ type }) => type !== 'login.failed');
  assert.deepEqual(
    told.map(({ type, user_id, reason, actor }) => [type, user_id, reason, actor]),
    [
      ['user.created', 2, null, 'self'],
      ['session.opened', 2, null, 'self'],
      ['session.ended', 2, 'logout', 'self'],
      ['user.disabled', 2, null, 'admin:1'],
    ],
  );
  const [, opened, ended] = told;
  assert.equal(opened?.session_id, ended?.session_id);
  assert.ok(opened?.session_id);
  assert.equal(next, newest);
  assert.ok(next >= (told.at(-1)?.seq ?? 0));
  assert.ok(events.every(({ seq }, i) => seq > (events[i - 1]?.seq ?? start)));
  const fields = new Set(events.flatMap((each) => Object.keys(each)));
  assert.deepEqual(
    [...fields].sort(),
    ['actor', 'at', 'reason', 'seq', 'session_id', 'type', 'user_id'],
    'no address, no user agent',
  );
  assert.deepEqual((await service.read(`?after=${next}`)).events, []);
});

test('a deleted account keeps its public id in every event of it', async (t) => {
  const service = await startEvents(t, { GATEPASS_USER_IDS: 'uuid' });
  const { next: start } = await service.read();
  await service.register();
  const { access } = (await service.login()).body;
  const id = (await service.me(access)).body.id;
  assert.match(id, /^[0-9a-f-]{36}$/);
  const gone = await service.send('/api/users/me', {
    method: 'DELETE',
    headers: { authorization: `Bearer ${access}`, 'content-type': 'application/json' },
    body: JSON.stringify({ current_password: PASSWORD, password: PASSWORD }),
  });
  assert.equal(gone.status, 204, gone.text);
  const { events } = await service.read(`?after=${start}`);
  assert.deepEqual(
    events.map(({ type, user_id }) => [type, user_id]),
    [
      ['user.created', id],
      ['session.opened', id],
      ['user.deleted', id],
      ['session.ended', id],
    ],
  );
});

test('pages continue where the last one ended, even if they have none of the wanted types', async (t) => {
  const service = await startEvents(t);
  await service.register();
  const sessions: string[] = [];
  for (let i = 0; i < 7; i++) sessions.push((await service.login()).body.refresh);
  const seen: number[] = [];
  let pages = 0;
  for (let after = 0, newest = 1; after < newest; pages++) {
    const page = await service.read(`?after=${after}&limit=3&types=session.opened,user.deleted`);
    assert.ok(page.events.length <= 3);
    assert.ok(page.next > after);
    seen.push(...page.events.map(({ seq }) => seq));
    ({ next: after, newest } = page);
  }
  assert.equal(seen.length, sessions.length);
  assert.ok(pages > 3, `${pages} pages`);
  for (const wrong of [
    'types=user.gone',
    'types=',
    'after=-1',
    'after=x',
    'limit=0',
    'limit=201',
  ]) {
    const { status, text } = await service.askEvents(`?${wrong}`);
    assert.equal(status, 400, `${wrong}: ${text}`);
  }
});

test('AD01 events require a valid key with the scope events:read', async (t) => {
  const service = await startEvents(t);
  await service.register();
  const { access } = (await service.login()).body;
  const other = await service.newKey(['audit:read', 'users:read', 'introspect']);
  const brief = await service.newKey(['events:read'], 1);
  const revoked = await service.newKey();
  const id = revoked.slice(3, 11);
  await service.ask(`/api/admin/api_keys/${id}`, { method: 'DELETE' }, service.token);
  service.clock.advance(DAY);
  for (const path of ['/api/events', '/api/events/stream']) {
    const codeOf = async (authorization: string | undefined) => {
      const headers = { ...(authorization !== undefined && { authorization }) };
      const { status, body } = await service.send(path, { headers });
      return [status, body?.code];
    };
    assert.deepEqual(await codeOf(undefined), [401, undefined]);
    assert.deepEqual(await codeOf(`Bearer ${other}`), [403, 'scope_missing']);
    for (const wrong of [brief, revoked, access, service.token, `${service.key}x`, 'x'])
      assert.deepEqual(await codeOf(`Bearer ${wrong}`), [401, 'credential_not_valid'], wrong);
  }
  assert.equal((await service.askEvents()).status, 200);
});

test('a reader whose events were deleted, or from another database, is told to start over', async (t) => {
  const service = await startEvents(t, { GATEPASS_AUDIT_RETENTION: '1d' });
  await service.register();
  await service.login();
  const before = await service.read();
  service.clock.advance(2 * DAY);
  await service.login();
  const { newest } = await service.read();
  const store = createAuditStore(service.database);
  const purge = () =>
    service.database.transaction((tx) => store.purge(tx, service.clock.now() - DAY, 500));
  assert.equal(await purge(), before.next);
  const gone = (after: number) => service.askEvents(`?after=${after}`);
  assert.equal((await gone(before.next)).status, 200, 'the last one that was deleted is known');
  for (const after of [1, before.next - 1, newest + 1000]) {
    const { status, body } = await gone(after);
    assert.deepEqual([status, body.code, body.oldest], [410, 'events_gone', before.next + 1]);
    assert.equal(body.newest, newest);
  }
  const stream = await service.send(`/api/events/stream?after=1`, {
    headers: { authorization: `Bearer ${service.key}` },
  });
  assert.equal(stream.status, 410);
  const { events } = await service.read('?after=0');
  assert.deepEqual(
    events.map(({ type }) => type),
    ['session.opened'],
    'from 0 on: what is kept',
  );
  service.clock.advance(2 * DAY);
  assert.equal(await purge(), 1);
  assert.deepEqual(await service.read(`?after=${newest}`), { events: [], next: newest, newest });
  assert.equal((await gone(before.next)).status, 410);
});

test('an event that concerns many accounts is one event with their number', async (t) => {
  const service = await startEvents(t);
  const { next } = await service.read();
  const store = createAuditStore(service.database);
  await service.database.transaction(async (tx) => {
    const now = service.clock.now();
    await store.insert(tx, now, { event: 'user.import', by: OPERATOR, details: { count: 3 } });
    await store.insert(tx, now, { event: 'restore', by: OPERATOR, details: { count: 2 } });
    await store.insert(tx, now, { event: 'login.fail', by: {}, details: { count: 9 } });
    await store.insert(tx, now, { event: 'admin.login', userId: 1, by: {} });
  });
  const page = await service.read(`?after=${next}`);
  assert.deepEqual(
    page.events.map(({ type, count, user_id }) => [type, count, user_id]),
    [
      ['users.imported', 3, null],
      ['database.restored', 2, null],
    ],
  );
  assert.equal(page.next, page.newest);
});

test('a key that asks too often is limited, and others are not', async (t) => {
  const service = await startEvents(t, {
    GATEPASS_RATE_LIMITS: 'on',
    GATEPASS_LIMITS: 'events-key=3/1m',
  });
  const other = await service.newKey();
  for (let i = 0; i < 3; i++) assert.equal((await service.askEvents()).status, 200);
  const limited = await service.askEvents();
  assert.deepEqual([limited.status, limited.body.code], [429, 'throttled']);
  assert.ok(limited.headers.get('retry-after'));
  assert.equal((await service.askEvents('', other)).status, 200);
});
