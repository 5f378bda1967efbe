/** The way back: what happened at Gatepass returns to Django with the script of the guide. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { runCommand } from '../../packages/server/test/support/command.ts';
import { post } from '../../packages/server/test/support/process.ts';
import { STACKS } from './django.ts';
import { goBack, logIn, me, moveIn, prepare } from './moving.ts';

const NEXT = 'granite otter parade 41';

for (const stack of STACKS) {
  const { name, missing: skip } = stack;

  test(`new accounts, new passwords and Argon2id hashes return to ${name}`, { skip }, async (t) => {
    const { directory, secret, django } = await prepare(t, stack, { DJANGO_HASHERS: 'Argon2' });
    const server = await moveIn(t, directory, { GATEPASS_SECRET: secret });
    for (const [email, password] of django.users) await logIn(server.url, email, password);
    const [[changed, old] = ['', '']] = django.users;
    const { access } = await logIn(server.url, changed, old);
    const response = await fetch(`${server.url}/api/users/me/password`, {
      method: 'POST',
      headers: { authorization: `Bearer ${access}`, 'content-type': 'application/json' },
      body: JSON.stringify({ current_password: old, new_password: NEXT }),
    });
    assert.ok(response.ok, await response.text());
    const registered = { email: 'new@example.com', password: NEXT };
    const created = await post(server.url, '/api/users', registered);
    const { refresh } = await logIn(server.url, registered.email, NEXT);
    const takeBack = await goBack(directory, server, django);
    const done = takeBack();
    assert.equal(done.code, 0, done.stderr);
    assert.match(
      done.stdout,
      new RegExp(`^Brought back: ${django.users.length + 2} accounts, 0 known apps`, 'm'),
    );
    await django.start();
    for (const [email, password] of django.users.slice(1)) {
      const answer = await post(django.url, '/api/token', { email, password });
      // Gatepass has hashed the NFKC form, and Django compares what is typed: the guide says so.
      const isSame = password.normalize('NFKC') === password;
      assert.equal(answer?.status, isSame ? 200 : 401, email);
    }
    const wrong = await post(django.url, '/api/token', { email: changed, password: old });
    assert.equal(wrong?.status, 401);
    await logIn(django.url, changed, NEXT);
    const pair = await logIn(django.url, registered.email, NEXT);
    assert.deepEqual((await me(django.url, pair.access)).body, created?.body);
    assert.equal((await post(django.url, '/api/token/refresh', { refresh }))?.status, 200);
    const off = { email: 'off@example.com', password: 'x'.repeat(80) };
    assert.equal((await post(django.url, '/api/token', off))?.status, 401);
  });

  test(`AB09 no user gets another’s id, from ${name} to Gatepass and back`, { skip }, async (t) => {
    const { directory, secret, django } = await prepare(t, stack, { DJANGO_HASHERS: 'Argon2' });
    await django.start();
    const id = async ([email, password]: readonly [string, string]) => {
      const { access } = await logIn(django.url, email, password);
      return Number(((await me(django.url, access)).body as { id: number }).id);
    };
    const [first, second] = django.users;
    assert.ok(first && second);
    const [firstId, secondId] = [await id(first), await id(second)];
    // The newest user, `off`, is deleted; the one before is left out.
    const faulty = new DatabaseSync(join(directory, 'db.sqlite3'));
    const last = Number(faulty.prepare('select max(id) as id from accounts_user').get()?.['id']);
    const leftOut = last - 1;
    faulty.exec(`delete from accounts_user where id = ${last};
      update accounts_user set email = 'no address' where id = ${leftOut}`);
    faulty.close();
    await django.stop();
    const server = await moveIn(t, directory, { GATEPASS_SECRET: secret }, '--skip-faulty');
    const register = (email: string) => post(server.url, '/api/users', { email, password: NEXT });
    assert.deepEqual((await register('new@example.com'))?.body, {
      id: last + 1,
      email: 'new@example.com',
    });
    // Given and deleted here: Django must not give it either.
    await register('gone@example.com');
    await runCommand(directory, ['user', 'delete', 'gone@example.com']);
    const meanwhile = new DatabaseSync(join(directory, 'db.sqlite3'));
    meanwhile.exec(`update accounts_user set email = 'other@example.com' where id = ${firstId}`);
    const before = meanwhile
      .prepare('select password from accounts_user where id = ?')
      .get(firstId);

    const takeBack = await goBack(directory, server, django);
    const done = takeBack();
    assert.equal(done.code, 1);
    assert.match(
      done.stderr,
      new RegExp(
        `^left out: id ${firstId}, ${first[0]}: Django has 'other@example\\.com' under this id\\n$`,
      ),
    );
    assert.deepEqual(
      meanwhile.prepare('select password from accounts_user where id = ?').get(firstId),
      before,
    );
    assert.deepEqual(
      { ...meanwhile.prepare('select email from accounts_user where id = ?').get(leftOut) },
      { email: 'no address' },
    );
    assert.equal(takeBack({ SAME_USER: `${firstId}` }).code, 0);
    assert.deepEqual(
      { ...meanwhile.prepare('select email from accounts_user where id = ?').get(firstId) },
      { email: first[0] },
    );
    meanwhile.close();
    const made = django.shell(
      `from accounts.models import User\nprint("id", User.objects.create(username="n", email="n@example.com").pk)\n`,
      {},
    );
    assert.match(made.stdout, new RegExp(`^id ${last + 3}$`, 'm'), made.stderr);
    await django.start();
    assert.equal(await id(second), secondId);
  });
}
