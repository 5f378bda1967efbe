/**
 * docs/security-cases.md, LE18 and CF07: what a client confides is in no log line and in no byte of
 * the database, and the signing secret in no output.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { runCommand } from '../support/command.ts';
import { SQLITE_ONLY } from '../support/databases.ts';
import { post, startProcess, workDirectory } from '../support/process.ts';
import { forge, goodClaims, startService } from '../support/service.ts';
import { converse, LAST, request } from './support/raw.ts';

const PASSWORD = 'canary-otter-parade-41';
const WRONG = 'canary-wrong-password-57';
const EMAIL = 'alice@example.com';

test('CF07 the signing secret is in no output of doctor, the log or a crash', async (t) => {
  const directory = await workDirectory(t);
  const secret = 'canary:7c1e9f40b2d85a63e07f4c19d2b86a35';
  const env = {
    GATEPASS_SECRET: secret,
    GATEPASS_ISSUER: 'https://auth.example.com',
    GATEPASS_LOG_LEVEL: 'trace',
  };
  const server = await startProcess(t, directory, {
    ...env,
    NODE_OPTIONS: `--import=${join(import.meta.dirname, '../support/planted-crash.ts')}`,
  });
  assert.equal((await post(server.url, '/api/token/verify', { token: 'x' }))?.status, 401);
  server.child.kill('SIGUSR2');
  assert.equal(await server.exited, 1);
  assert.ok(server.log.some((line) => line.includes('planted')));
  assert.ok(!server.log.join('').includes(secret));

  for (const args of [['doctor'], ['doctor', '--json']]) {
    const { code, stdout, stderr } = await runCommand(directory, args, '', env);
    assert.equal(code, 0);
    assert.match(stdout, /from GATEPASS_SECRET/);
    assert.ok(!`${stdout}${stderr}`.includes(secret));
  }
});

test(
  'LE18 no log line and no database file contains a password or a token',
  SQLITE_ONLY,
  async (t) => {
    const directory = await workDirectory(t);
    const service = await startService(t, {
      GATEPASS_DATABASE_URL: `sqlite:${directory}/gatepass.db`,
      GATEPASS_LOG_LEVEL: 'trace',
    });
    await service.register(EMAIL, PASSWORD);
    const { body: pair } = await service.login(EMAIL, PASSWORD);
    const forged = forge({ payload: goodClaims(service.clock.now()), secret: 'x'.repeat(32) });
    const canaries = [PASSWORD, WRONG, pair.access, pair.refresh, forged];

    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const statuses = await Promise.all(
      [
        () => service.register(EMAIL, PASSWORD),
        () => service.register('bob@example.com', `${WRONG}\ud800`),
        () => service.register(WRONG, PASSWORD),
        () => service.login(EMAIL, WRONG),
        () => service.login(WRONG, WRONG),
        () => service.post('/api/token', `{"email":"${EMAIL}","password":"${PASSWORD}"`),
        () => service.post('/api/token', `password=${PASSWORD}&email=${EMAIL}`, form),
        () => service.post('/api/token', PASSWORD, { 'content-type': `text/${WRONG}` }),
        () => service.post(`/api/token?password=${PASSWORD}`, { email: EMAIL, password: PASSWORD }),
        () => service.send(`/api/users/me?access_token=${pair.access}`),
        () => service.send(`/${PASSWORD}/${pair.access}`),
        () => service.me(pair.access),
        () => service.me(pair.refresh),
        () => service.me(forged),
        () => service.verify(pair.access),
        () => service.verify(forged),
        () => service.refresh(pair.refresh),
        () => service.refresh(pair.access),
        () => service.refresh(`${pair.refresh}.${WRONG}`),
      ].map(async (call) => (await call()).status),
    );
    for (const status of [200, 400, 401, 404, 415])
      assert.ok(statuses.includes(status), `${status}`);
    const headers = [`Authorization: Bearer ${pair.access}`, `X-${WRONG}: ${PASSWORD}`];
    await converse(service.port, request(`GET /api/users/me?${PASSWORD}`, headers) + LAST);
    await converse(service.port, `GARBAGE ${PASSWORD}\r\n${pair.access}\r\n\r\n`);

    // A row that no reading survives: the one 500 that a test can have.
    const sqlite = new DatabaseSync(join(directory, 'gatepass.db'));
    sqlite.exec('UPDATE users SET created_at = 1 << 60');
    sqlite.close();
    const failed = [await service.login(EMAIL, PASSWORD), await service.me(pair.access)];
    assert.equal(failed[0]?.status, 500);

    const log = service.log.join('');
    assert.ok(service.log.length > statuses.length, 'the log was kept');
    const files = readdirSync(directory);
    assert.ok(files.includes('gatepass.db-wal'));
    for (const canary of canaries) {
      // A token is as good as stolen by its last two parts.
      const secret = canary.split('.').slice(-2).join('.');
      assert.ok(!log.includes(secret), `in the log: ${secret}`);
      for (const answer of failed) assert.ok(!answer.text.includes(secret));
      for (const file of files)
        assert.ok(!readFileSync(join(directory, file)).includes(secret), `in ${file}: ${secret}`);
    }
    assert.ok(readFileSync(join(directory, 'gatepass.db-wal')).includes(EMAIL), 'files were read');
  },
);
