/** The facts of the console's System screen. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMailed } from '../recovery/support/mailed.ts';
import { runCommand } from '../support/command.ts';
import { databaseOf, workDirectory } from '../support/databases.ts';
import { administer, auditOf, startAdministration } from './support/administration.ts';

const SYSTEM = '/api/admin/system';

test('the system screen shows the proxy’s headers of the request, and whether they are trusted', async (t) => {
  const service = await startAdministration(t, { GATEPASS_TRUSTED_PROXIES: '10.0.0.0/8' });
  const token = await service.begin();
  const headers = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https', via: '1.1 p' };
  const { request } = (await service.ask(SYSTEM, { headers }, token)).body;
  assert.equal(request.is_peer_trusted, false);
  assert.equal(request.address, '127.0.0.1');
  assert.deepEqual(request.forwarded, headers);
  assert.match(request.host, /^127\.0\.0\.1:\d+$/);

  const behind = await startAdministration(t, { GATEPASS_TRUSTED_PROXIES: '127.0.0.0/8' });
  const other = await behind.begin();
  const seen = (await behind.ask(SYSTEM, { headers }, other)).body.request;
  assert.deepEqual([seen.is_peer_trusted, seen.address], [true, '203.0.113.9']);
});

test('the system screen shows limits, findings and the last backup, and no secret', async (t) => {
  const directory = await workDirectory(t);
  const service = await startAdministration(t, {
    GATEPASS_DATABASE_URL: await databaseOf(directory),
    GATEPASS_LIMITS: 'mail-network=7/2h',
  });
  const token = await service.begin();
  const answer = await service.ask(SYSTEM, {}, token);
  const { body } = answer;
  assert.equal(body.last_backup_at, null);
  assert.deepEqual(
    body.limits.find(({ name }: { name: string }) => name === 'mail-network'),
    { name: 'mail-network', quota: 7, window_seconds: 7200 },
  );
  assert.equal(body.rate_limits, 'off');
  const levelOf = (check: string) =>
    body.findings.find((finding: { check: string }) => finding.check === check)?.level;
  assert.equal(levelOf('signing secret'), 'warning');
  assert.equal(levelOf('address'), 'ok');
  assert.ok(!answer.text.includes(service.config.secret));

  const made = await runCommand(directory, ['db', 'backup', 'copy.db', '--json']);
  assert.equal(made.code, 0, made.stderr);
  const { last_backup_at } = (await service.ask(SYSTEM, {}, token)).body;
  assert.equal(last_backup_at, JSON.parse(made.stdout).made_at);

  const key = await service.ask(
    '/api/admin/api_keys',
    { method: 'POST', body: { name: 'all', scopes: ['users:read', 'mail:write'] } },
    token,
  );
  const refused = await service.ask(SYSTEM, {}, key.body.key);
  assert.equal(refused.body.code, 'administrators_only');
});

test('a test mail is sent at once, or the response quotes the mail server', async (t) => {
  const service = await administer(await startMailed(t));
  const token = await service.begin();
  const send = (email: string) =>
    service.ask('/api/admin/mails/test', { method: 'POST', body: { email } }, token);
  assert.deepEqual((await send('ops@example.com')).body, { is_sent: true });
  const mail = await service.nextMail();
  assert.equal(mail.to, 'ops@example.com');
  assert.equal((await auditOf(service, 'mail.test')).at(-1)?.actor, 'admin:1');
  assert.equal((await send('no address')).status, 400);

  const down = await administer(await startMailed(t, {}, { isDown: true }));
  const by = await down.begin();
  const body = { email: 'ops@example.com' };
  const failed = (await down.ask('/api/admin/mails/test', { method: 'POST', body }, by)).body;
  assert.equal(failed.is_sent, false);
  assert.match(failed.reason, /ECONNREFUSED/);

  const without = await startAdministration(t);
  const off = await without.ask(
    '/api/admin/mails/test',
    { method: 'POST', body },
    await without.begin(),
  );
  assert.equal(off.body.code, 'no_mail');
});
