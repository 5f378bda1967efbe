/** docs/security-cases.md, group CF: what a fresh installation is like, in a process of its own. */
import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { ConfigError, readConfig } from '../../src/config/config.ts';
import { runCommand } from '../support/command.ts';
import { SQLITE_ONLY } from '../support/databases.ts';
import { startNode } from '../support/node.ts';
import { post, startProcess, workDirectory } from '../support/process.ts';
import { until } from '../support/until.ts';
import { publishedStrings } from './support/documents.ts';

const PASSWORD = 'correct horse 9 battery';
const CREDENTIALS = { email: 'alice@example.com', password: PASSWORD };

function secretsIn(directory: string): Buffer[] {
  const sqlite = new DatabaseSync(join(directory, 'data/gatepass.db'), { readOnly: true });
  const rows = sqlite.prepare('SELECT secret FROM signing_keys').all();
  sqlite.close();
  return rows.map(({ secret }) => Buffer.from(secret as Uint8Array));
}

/** The umask is of the process: the child inherits what holds at its start. */
function startWithUmask(...args: Parameters<typeof startProcess>) {
  const usual = process.umask(0);
  try {
    return startProcess(...args);
  } finally {
    process.umask(usual);
  }
}

test(
  'CF01 CF06 a fresh installation makes a secret of its own, in files for its owner only',
  SQLITE_ONLY,
  async (t) => {
    const directories = [await workDirectory(t), await workDirectory(t)];
    const secrets: Buffer[] = [];
    for (const directory of directories) {
      const { url } = await startWithUmask(t, directory);
      assert.equal((await post(url, '/api/users', CREDENTIALS))?.status, 201);
      const data = join(directory, 'data');
      assert.equal(statSync(data).mode & 0o777, 0o700);
      const files = readdirSync(data).filter((name) => name.startsWith('gatepass.db'));
      assert.ok(files.includes('gatepass.db-wal'), files.join());
      for (const file of files) assert.equal(statSync(join(data, file)).mode & 0o777, 0o600, file);
      secrets.push(...secretsIn(directory));
    }
    assert.equal(secrets.length, 2);
    for (const secret of secrets) assert.ok(secret.length >= 32);
    assert.notDeepEqual(secrets[0], secrets[1]);
  },
);

describe('CF02 a weak or published secret', () => {
  const weak: Record<string, string> = {
    'of 31 bytes': '4f1c9b7ad2e80356cb19f4d7a05e2c8',
    'that repeats itself': 'a'.repeat(64),
    'that repeats a word': 'secret42'.repeat(8),
    'that counts': '0123456789abcdefghijklmnopqrstuvwxyz',
    'from the front page of a JWT site': 'a-string-secret-at-least-256-bits-long',
  };
  for (const [name, secret] of Object.entries(weak)) {
    test(`${name} is refused: exit code 2, a reason, and not the secret`, async (t) => {
      const env = { GATEPASS_PORT: '0', GATEPASS_SECRET: secret };
      const { code, stdout, stderr } = await runCommand(await workDirectory(t), ['serve'], '', env);
      assert.equal(code, 2);
      assert.match(stderr, /GATEPASS_SECRET is /);
      assert.ok(!`${stdout}${stderr}`.includes(secret.slice(0, 12)), stderr);
    });
  }

  test('from our own documents is refused', () => {
    // Code and file names are quoted too; what calls itself a secret is meant.
    const secrets = publishedStrings(32).filter((text) =>
      /^(?!kubectl )[^${}()]*(secret|32 bytes)[^${}()]*$/i.test(text),
    );
    const accepted = secrets.filter((secret) => {
      try {
        return readConfig({ GATEPASS_SECRET: secret }).secret === secret;
      } catch (error) {
        assert.ok(error instanceof ConfigError);
        return false;
      }
    });
    assert.deepEqual(accepted, []);
  });
});

test('CF03 CF05 a fresh installation has no account, and no page for operators', async (t) => {
  const { url } = await startNode(t, await workDirectory(t));
  const names = ['admin', 'root', 'admin@example.com', 'admin@localhost', 'test@example.com'];
  for (const email of names) {
    for (const password of ['admin', 'password', 'changeme', 'admin123', email]) {
      const answer = await post(url, '/api/token', { email, password });
      assert.equal(answer?.status, 401, `${email}: ${password}`);
    }
  }
  assert.equal((await post(url, '/api/users', CREDENTIALS))?.body['id'], 1);
  const paths = [
    '/metrics',
    '/debug',
    '/admin',
    '/debug/pprof',
    '/.env',
    '/data/gatepass.db',
    '/server-status',
  ];
  for (const path of [...paths, '/api', '/api/admin', '/api/users/1', '/console', '/actuator/env'])
    assert.equal((await fetch(url + path)).status, 404, path);
});

test('CF04 a 500 shows a request id and no internals', SQLITE_ONLY, async (t) => {
  const directory = await workDirectory(t);
  const { url, log } = await startProcess(t, directory);
  await post(url, '/api/users', CREDENTIALS);
  const sqlite = new DatabaseSync(join(directory, 'data/gatepass.db'));
  // A number that JavaScript cannot represent: reading the row fails unexpectedly.
  sqlite.exec('UPDATE users SET created_at = 1 << 60');
  sqlite.close();
  const answer = await post(url, '/api/token', CREDENTIALS);
  assert.equal(answer?.status, 500);
  assert.deepEqual(Object.keys(answer.body), ['detail', 'request_id']);
  assert.equal(answer.body['detail'], 'Internal server error.');
  const id = String(answer.body['request_id']);
  const linesOf = () => log.filter((line) => line.includes(id));
  await until('the log explains it', () => linesOf().some((line) => JSON.parse(line).err?.stack));
  const lines = linesOf();
  assert.ok(lines.every((line) => !line.includes(PASSWORD)));
});
