/** The way back changes no user of Django that is another person, and opens no account that was closed. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { runCommand } from '../../packages/server/test/support/command.ts';
import { post, type Server } from '../../packages/server/test/support/process.ts';
import { DEBIAN } from './django.ts';
import { goBack, moveIn, prepare } from './moving.ts';

const { missing: skip } = DEBIAN;
const NEXT = 'granite otter parade 41';

async function moved(t: TestContext, users: 'accounts' | 'people', variables = {}) {
  const hashers = { DJANGO_HASHERS: 'Argon2', DJANGO_USERS: users };
  const { directory, django } = await prepare(t, DEBIAN, hashers);
  const server = await moveIn(t, directory, variables);
  const database = new DatabaseSync(join(directory, 'db.sqlite3'));
  t.after(() => database.close());
  return { directory, django, server, database };
}

const register = async (server: Server, email: string) => {
  const created = await post(server.url, '/api/users', { email, password: NEXT });
  return String(created?.body['id']);
};

/** Makes a superuser in Django; prints its id. */
const CREATE = `from accounts.models import User
print("id", User.objects.create_superuser("chief", "first@example.com", "staff secret 1").pk)
`;

const LOOK = `from accounts.models import User
chief = User.objects.get(username="chief")
print("chief", chief.check_password("staff secret 1"), chief.is_superuser)
`;

test('a superuser that Django made after the cut-over keeps its password, though id and address are those of a new account', {
  skip,
}, async (t) => {
  const { directory, django, server } = await moved(t, 'accounts');
  const id = await register(server, 'first@example.com');
  await register(server, 'second@example.com');
  assert.match(django.shell(CREATE, {}).stdout, new RegExp(`^id ${id}$`, 'm'));
  const takeBack = await goBack(directory, server, django);
  // Naming the id does not help a stranger either; and again, with accounts that the first run made.
  for (const variables of [{}, { SAME_USER: id }]) {
    const done = takeBack(variables);
    assert.equal(done.code, 1, done.stderr);
    assert.equal(
      done.stderr,
      `left out: id ${id}, first@example.com: another user of Django has this id\n`,
    );
    assert.match(django.shell(LOOK, {}).stdout, /^chief True True$/m);
  }
});

test('an account that is disabled at Gatepass is disabled in Django, whatever its address there', {
  skip,
}, async (t) => {
  const { directory, django, server, database } = await moved(t, 'accounts');
  const [[closed] = [''], [open] = ['']] = django.users;
  await runCommand(directory, ['user', 'disable', closed]);
  database.exec(
    `update accounts_user set email = 'old-' || email where email <> 'off@example.com'`,
  );
  const done = (await goBack(directory, server, django))();
  assert.equal(done.code, 1);
  const said = (email: string) => done.stderr.split('\n').find((line) => line.includes(email));
  assert.match(said(closed) ?? '', / under this id \(disabled at Gatepass, and now here\)$/);
  assert.match(said(open) ?? '', / under this id$/);
  const state = database.prepare('select is_active from accounts_user where email = ?');
  assert.equal(state.get(`old-${closed}`)?.['is_active'], 0);
  assert.equal(state.get(`old-${open}`)?.['is_active'], 1);
});

test('a long address becomes a shortened username; what Django has no room for is left out alone', {
  skip,
}, async (t) => {
  const { directory, django, server, database } = await moved(t, 'accounts');
  const long = `${'a'.repeat(60)}@${'b'.repeat(60)}.${'c'.repeat(60)}.example.com`;
  const id = await register(server, long);
  const takeBack = await goBack(directory, server, django);
  const narrow = `from accounts.models import User\nUser._meta.get_field("email").max_length = 60\n`;
  const refused = takeBack({}, narrow);
  assert.deepEqual(
    [refused.code, refused.stderr],
    [1, `left out: id ${id}, ${long}: Django takes 60 characters as email\n`],
  );
  const done = takeBack();
  assert.equal(done.code, 0, done.stderr);
  const row = database.prepare('select username from accounts_user where email = ?').get(long);
  assert.equal(row?.['username'], long.slice(0, 150));
});

for (const [users, variables, kind] of [
  ['accounts', { GATEPASS_USER_IDS: 'uuid' }, 'AutoField'],
  ['people', {}, 'UUIDField'],
] as const)
  test(`ids of another kind than Django’s are left out alone: ${users}`, { skip }, async (t) => {
    const { directory, django, server } = await moved(t, users, variables);
    const id = await register(server, 'new@example.com');
    const done = (await goBack(directory, server, django))();
    assert.deepEqual(
      [done.code, done.stderr],
      [1, `left out: id ${id}, new@example.com: Django has a ${kind} for ids\n`],
    );
    assert.match(
      done.stdout,
      new RegExp(`^Brought back: ${django.users.length + 1} accounts,`, 'm'),
    );
  });
