/**
 * Leaving Django: users with every hasher it has log in there, it stops, Gatepass takes its port.
 * Nobody is logged out and nobody sets a new password.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { runCommand } from '../../packages/server/test/support/command.ts';
import { post, startProcess, workDirectory } from '../../packages/server/test/support/process.ts';
import { blocksOf } from '../support/markdown.ts';
import { type Django, missing, startDjango } from './django.ts';

type Pair = { readonly access: string; readonly refresh: string };

async function logIn(url: string, email: string, password: string): Promise<Pair> {
  const answer = await post(url, '/api/token', { email, password });
  assert.equal(answer?.status, 200, `${email} at ${url}: ${JSON.stringify(answer?.body)}`);
  return answer?.body as Pair;
}

const me = async (url: string, access: string): Promise<{ status: number; body: unknown }> => {
  const response = await fetch(`${url}/api/users/me`, {
    headers: { authorization: `Bearer ${access}` },
  });
  return { status: response.status, body: await response.json() };
};

async function prepare(t: TestContext) {
  const directory = await workDirectory(t);
  const secret = randomBytes(32).toString('hex');
  const django = await startDjango(t, join(directory, 'db.sqlite3'), secret);
  return { directory, secret, django };
}

async function moveIn(t: TestContext, directory: string, variables: Record<string, string>) {
  const done = await runCommand(directory, ['import', 'django', '--from', 'sqlite:db.sqlite3']);
  assert.equal(done.code, 0, done.stderr);
  return startProcess(t, directory, {
    GATEPASS_ACCEPT_SESSIONLESS_TOKENS: 'true',
    GATEPASS_RATE_LIMITS: 'off',
    ...variables,
  });
}

const loginAll = async ({ url, users }: Django) => {
  const pairs = new Map<string, Pair>();
  for (const [email, password] of users) pairs.set(email, await logIn(url, email, password));
  return pairs;
};

test('the live cut-over', { skip: missing }, async (t) => {
  const { directory, secret, django } = await prepare(t);
  const pairs = await loginAll(django);
  const [[loggedOut, tokens] = ['', { access: '', refresh: '' }]] = pairs;
  const { refresh } = tokens;
  assert.equal((await post(django.url, '/api/token/blacklist', { refresh }))?.status, 200);
  const whoIs = new Map<string, unknown>();
  for (const [email, { access }] of pairs) whoIs.set(email, (await me(django.url, access)).body);
  await django.stop();

  const server = await moveIn(t, directory, {
    GATEPASS_SECRET: secret,
    GATEPASS_PORT: String(django.port),
  });
  assert.equal(server.url, django.url);
  for (const [email, { access, refresh }] of pairs) {
    assert.equal((await post(server.url, '/api/token/verify', { token: access }))?.status, 200);
    assert.deepEqual((await me(server.url, access)).body, whoIs.get(email));
    const refreshed = await post(server.url, '/api/token/refresh', { refresh });
    if (email === loggedOut) assert.equal(refreshed?.body['reason'], 'revoked');
    else {
      assert.equal(refreshed?.status, 200, email);
      const renewed = String(refreshed?.body['access']);
      assert.deepEqual((await me(server.url, renewed)).body, whoIs.get(email));
    }
  }
  for (const [email, password] of django.users) await logIn(server.url, email, password);
  assert.equal(
    (
      await post(server.url, '/api/token', {
        email: 'off@example.com',
        password: 'x'.repeat(80),
      })
    )?.status,
    401,
  );
  const database = new DatabaseSync(join(directory, 'data/gatepass.db'), { readOnly: true });
  t.after(() => database.close());
  const rows = database.prepare('select password_hash from users where is_active = 1').all();
  assert.equal(rows.length, django.users.length);
  for (const row of rows)
    assert.match(String(row['password_hash']), /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  for (const [email, password] of django.users) await logIn(server.url, email, password);
});

test('with rotation a token of Django becomes a session at its first refresh', {
  skip: missing,
}, async (t) => {
  const { directory, secret, django } = await prepare(t);
  const [[email, password] = ['', '']] = django.users;
  const pair = await logIn(django.url, email, password);
  await django.stop();
  const server = await moveIn(t, directory, {
    GATEPASS_SECRET: secret,
    GATEPASS_ROTATE_REFRESH_TOKENS: 'true',
  });
  const first = await post(server.url, '/api/token/refresh', { refresh: pair.refresh });
  const second = await post(server.url, '/api/token/refresh', { refresh: first?.body['refresh'] });
  assert.equal(second?.status, 200);
  const spent = await post(server.url, '/api/token/refresh', { refresh: pair.refresh });
  assert.equal(spent?.body['reason'], 'reused');
});

test('services that stay with Django go on with the tokens of Gatepass', {
  skip: missing,
}, async (t) => {
  const { directory, secret, django } = await prepare(t);
  const server = await moveIn(t, directory, { GATEPASS_SECRET: secret });
  const [[email, password] = ['', '']] = django.users;
  const { access, refresh } = await logIn(server.url, email, password);
  const { body } = await me(server.url, access);
  assert.deepEqual((await me(django.url, access)).body, body);
  assert.equal((await post(django.url, '/api/token/verify', { token: access }))?.status, 200);
  assert.equal((await post(django.url, '/api/token/refresh', { refresh }))?.status, 200);
});

test('and back: new accounts, new passwords and Argon2id hashes return to Django with the script of the guide', {
  skip: missing,
}, async (t) => {
  const { directory, secret, django } = await prepare(t);
  await django.stop();
  const server = await moveIn(t, directory, { GATEPASS_SECRET: secret });
  for (const [email, password] of django.users) await logIn(server.url, email, password);
  const [[changed, old] = ['', '']] = django.users;
  const { access } = await logIn(server.url, changed, old);
  const next = 'granite otter parade 41';
  const response = await fetch(`${server.url}/api/users/me/password`, {
    method: 'POST',
    headers: { authorization: `Bearer ${access}`, 'content-type': 'application/json' },
    body: JSON.stringify({ current_password: old, new_password: next }),
  });
  assert.ok(response.ok, await response.text());
  const registered = { email: 'new@example.com', password: next };
  const created = await post(server.url, '/api/users', registered);
  const { refresh } = await logIn(server.url, registered.email, next);
  server.child.kill('SIGTERM');
  await server.exited;

  const guide = readFileSync(join(import.meta.dirname, '../../docs/from-django.md'), 'utf8');
  const russian = readFileSync(join(import.meta.dirname, '../../docs/from-django.ru.md'), 'utf8');
  const [script = ''] = blocksOf(guide, 'python');
  assert.deepEqual(blocksOf(russian, 'python'), [script]);
  django.shell(script, { ACCOUNTS: join(directory, 'data/gatepass.db') });
  await django.start();
  for (const [email, password] of django.users.slice(1)) {
    const answer = await post(django.url, '/api/token', { email, password });
    // Gatepass has hashed the NFKC form, and Django compares what is typed: the guide says so.
    const isSame = password.normalize('NFKC') === password;
    assert.equal(answer?.status, isSame ? 200 : 401, email);
  }
  const wrong = await post(django.url, '/api/token', { email: changed, password: old });
  assert.equal(wrong?.status, 401);
  await logIn(django.url, changed, next);
  const pair = await logIn(django.url, registered.email, next);
  assert.deepEqual((await me(django.url, pair.access)).body, created?.body);
  assert.equal((await post(django.url, '/api/token/refresh', { refresh }))?.status, 200);
  const off = { email: 'off@example.com', password: 'x'.repeat(80) };
  assert.equal((await post(django.url, '/api/token', off))?.status, 401);
});
