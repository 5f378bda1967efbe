/** docs/from-django.md and its translation: their commands, as they are printed, with a real Django. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  BIN,
  post,
  startProcess,
  workDirectory,
} from '../../packages/server/test/support/process.ts';
import { NEWEST, STACKS, type Stack, startDjango } from './django.ts';
import { logIn, type Pair } from './moving.ts';

const ROOT = join(import.meta.dirname, '../..');
const DATABASE = 'sqlite:./data/accounts.db';

/** The blocks of a language, those in lists too, without their indentation. */
const blocksIn = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\`$`, 'gm'))].map(
    ([, indent = '', body = '']) => body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );

/** A clone beside an application, with `npm` and `python` as the guide's reader has them. */
async function place(t: TestContext, stack: Stack, more: Record<string, string> = {}) {
  const directory = await workDirectory(t);
  const [app, clone] = [join(directory, 'app'), join(directory, 'gatepass')];
  await cp(join(import.meta.dirname, 'project'), app, { recursive: true });
  await mkdir(clone);
  const secret = randomBytes(32).toString('hex');
  const variables = { DJANGO_HASHERS: 'Argon2', ...more };
  const django = await startDjango(t, join(app, 'db.sqlite3'), secret, variables, stack);
  const env = {
    PATH: process.env['PATH'],
    DJANGO_DATABASE: join(app, 'db.sqlite3'),
    DJANGO_SECRET: secret,
    PYTHONDONTWRITEBYTECODE: '1',
    ...more,
  };
  const prelude = `set -euo pipefail
    npm() { case "$1" in ci) ;; run) shift 3; "${process.execPath}" "${BIN}" "$@";; esac; }
    python() { "${stack.python}" "$@"; }\n`;
  const shell = (cwd: string, script: string) => {
    const { status, stdout, stderr } = spawnSync('bash', ['-c', prelude + script], {
      cwd,
      env,
      encoding: 'utf8',
    });
    assert.equal(status, 0, `${script}\n${stderr}`);
    return stdout;
  };
  return { app, clone, secret, django, shell };
}

const PEOPLE = { DJANGO_USERS: 'people', DJANGO_EMPTY: '1' };
const MAKE_PEOPLE = `
from django.contrib.auth.models import Group
from people.models import User
for name, department in [("Alice", "Sales"), ("bob@example.com", None)]:
    user = User.objects.create_user(name, f"{name.split('@')[0].lower()}@example.com", "correct horse 9 battery")
    user.is_staff = name == "Alice"
    user.department = department
    user.save()
User.objects.get(username="Alice").groups.add(Group.objects.create(name="Editors"))`;

const claimsIn = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

const pageOf = (name: string) => readFile(join(ROOT, 'docs', name), 'utf8');

test('the translation has the same commands', async () => {
  const [english, russian] = await Promise.all(
    ['from-django.md', 'from-django.ru.md'].map(async (name) => {
      const page = await pageOf(name);
      const commands = blocksIn(page, 'sh').map((block) =>
        block.replaceAll(/='[^']+'|"refresh":"[^"]+"/g, '…'),
      );
      return [...commands, ...blocksIn(page, 'bash'), ...blocksIn(page, 'python')];
    }),
  );
  assert.deepEqual(russian, english);
});

for (const stack of STACKS)
  test(`the commands of the guide work one after another, from ${stack.name}`, {
    skip: stack.missing,
  }, async (t) => {
    const { app, clone, secret, django, shell } = await place(t, stack);
    const guide = await pageOf('from-django.md');
    const [rehearsal = '', settings = '', move = '', check = '', old = '', backup = '', back = ''] =
      blocksIn(guide, 'sh');
    assert.equal(blocksIn(guide, 'sh').length, 7);
    const users = django.users.length + 1;
    const [[email, password] = ['', '']] = django.users;
    const before = await logIn(django.url, email, password);

    // In the clone of the README there is an account with the id of one of Django's.
    shell(clone, `printf %s '${password}' | npm run gatepass -- user create user@example.com`);
    assert.match(
      shell(clone, rehearsal),
      new RegExp(`^${users} accounts of accounts_user would be`),
    );
    const configured = `${settings.replace(/'[^']+'/, secret)}\n`;
    const moved = shell(clone, configured + move);
    assert.match(
      moved,
      new RegExp(`^${users} accounts of accounts_user were imported into SQLite`),
    );
    assert.match(moved, /off@example\.com\n$/);
    await django.stop();

    const server = await startProcess(t, clone, {
      GATEPASS_DATABASE_URL: DATABASE,
      GATEPASS_SECRET: secret,
      GATEPASS_ACCEPT_SESSIONLESS_TOKENS: 'true',
    });
    const asked = check
      .replace('http://127.0.0.1:8000', server.url)
      .replace(/"refresh":"[^"]+"/, `"refresh":"${before.refresh}"`);
    assert.match(shell(clone, asked), /^\{"access":"eyJ[\w.-]+"\}$/);
    await logIn(server.url, email, password);
    if (spawnSync('sqlite3', ['--version']).status === 0) assert.equal(shell(clone, old), '0\n');
    await post(server.url, '/api/users', { email: 'new@example.com', password });
    server.child.kill('SIGTERM');
    await server.exited;

    shell(clone, `export GATEPASS_DATABASE_URL=${DATABASE}\n${backup}`);
    const [script = ''] = blocksIn(guide, 'python');
    await writeFile(join(app, 'from-gatepass.py'), script);
    assert.match(shell(app, back), new RegExp(`^Brought back: ${users + 1} accounts`, 'm'));
    await django.start();
    await logIn(django.url, 'new@example.com', password);
    await logIn(django.url, email, password);
  });

test('a project with UUIDs, usernames and groups moves with the additions of the guide', {
  skip: NEWEST.missing,
}, async (t) => {
  const { clone, secret, django, shell } = await place(t, NEWEST, PEOPLE);
  const made = django.shell(MAKE_PEOPLE, {});
  assert.equal(made.code, 0, made.stderr);
  const credentials = { username: 'Alice', password: 'correct horse 9 battery' };
  const before = (await post(django.url, '/api/token', credentials))?.body as Pair;
  const id = String(claimsIn(before.access)['user_id']);
  assert.match(id, /^[0-9a-f]{8}-/);
  await django.stop();

  const guide = await pageOf('from-django.md');
  const [, settings = ''] = blocksIn(guide, 'sh');
  const [more = ''] = blocksIn(guide, 'bash');
  const move = `${settings.replace(/'[^']+'/, secret)}\n${more}`;
  assert.match(shell(clone, move), /^2 accounts of people_user were imported into SQLite/);
  const server = await startProcess(t, clone, {
    GATEPASS_DATABASE_URL: DATABASE,
    GATEPASS_SECRET: secret,
    GATEPASS_ACCEPT_SESSIONLESS_TOKENS: 'true',
    ...Object.fromEntries(
      [...more.matchAll(/(GATEPASS_\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
    ),
  });
  const carried = (await post(server.url, '/api/token/refresh', { refresh: before.refresh }))?.body;
  const login = await post(server.url, '/api/token', { ...credentials, username: 'alice' });
  assert.equal(login?.status, 200);
  for (const access of [carried?.['access'], login?.body['access']]) {
    const { user_id, sub, is_staff, is_superuser, groups, team } = claimsIn(String(access));
    assert.deepEqual([user_id, sub], [id, id]);
    assert.deepEqual([is_staff, is_superuser, groups, team], [true, false, ['Editors'], 'Sales']);
  }
  const bob = { username: 'bob@example.com', password: credentials.password };
  assert.equal((await post(server.url, '/api/token', bob))?.status, 200);
  const { body } =
    (await post(server.url, '/api/users', {
      ...bob,
      email: 'carol@example.com',
      username: 'carol',
    })) ?? {};
  assert.match(String(body?.['id']), /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
});
