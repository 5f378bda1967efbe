/** `gatepass export django`: the content of the file, and who can read it. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Secret } from 'otpauth';
import { codeAt, enrol, STEP } from '../mfa/support/holder.ts';
import { addPasskey, WITH_SITE } from '../mfa/support/key-holder.ts';
import { runCommand } from '../support/command.ts';
import { databaseOf } from '../support/databases.ts';
import { workDirectory } from '../support/process.ts';
import { startService } from '../support/service.ts';

type Entry = { model: string; pk: unknown; fields: Record<string, unknown> };

async function place(t: TestContext, variables: Record<string, string> = {}) {
  const directory = await workDirectory(t);
  const url = await databaseOf(directory);
  return {
    directory,
    start: () => startService(t, { ...variables, GATEPASS_DATABASE_URL: url }),
    run: (...args: string[]) => runCommand(directory, args, '', variables),
    async entries(file = 'back.jsonl'): Promise<Entry[]> {
      const text = await readFile(join(directory, file), 'utf8');
      return text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
    },
  };
}

test('each account is followed by its apps, with the last step that was used', async (t) => {
  const { directory, start, run, entries } = await place(t, {
    GATEPASS_MASTER_KEY: randomBytes(32).toString('hex'),
  });
  const service = await start();
  await service.register();
  await service.register('bob@example.com');
  const { secret } = await enrol(service, (await service.login()).body.access);
  service.clock.advance(STEP);
  const now = service.clock.now();
  const credentials = { email: 'alice@example.com', password: 'correct horse 9 battery' };
  await service.post('/api/token', { ...credentials, code: codeAt(secret, now) });
  await run('user', 'disable', 'bob@example.com');

  const done = await run('export', 'django', 'back.jsonl', '--json');
  assert.equal(done.code, 0, done.stderr);
  const [alice, app, codes, bob, end, ...more] = await entries();
  assert.deepEqual(more, []);
  assert.deepEqual([alice?.model, alice?.pk, bob?.pk], ['auth.user', 1, 2]);
  assert.match(String(alice?.fields['password']), /^argon2\$argon2id\$v=19\$/);
  assert.equal(alice?.fields['last_login'], new Date(now).toISOString());
  assert.deepEqual([alice?.fields['is_active'], bob?.fields['is_active']], [true, false]);
  const key = Secret.fromBase32(secret).hex.toLowerCase();
  assert.deepEqual(app, {
    model: 'otp_totp.totpdevice',
    pk: null,
    fields: {
      user: 1,
      name: 'Authenticator app',
      confirmed: true,
      key,
      step: 30,
      t0: 0,
      digits: 6,
      tolerance: 1,
      drift: 0,
      last_t: Math.floor(now / STEP),
    },
  });
  // The owner's recovery codes void the static codes in Django.
  assert.deepEqual([codes?.model, codes?.fields], ['gatepass.codes_void', { user: 1 }]);
  assert.deepEqual(end?.fields, { accounts: 2, last_id: 2 });

  assert.deepEqual(JSON.parse(done.stdout), {
    file: 'back.jsonl',
    accounts: 2,
    apps: 1,
    passkeys_alone: 0,
  });
  assert.match(done.stderr, /holds password hashes and the secrets of apps in clear\. Delete it/);
  const said = done.stdout + done.stderr + service.log.join('');
  assert.equal(new RegExp(`${key}|${secret}|argon2`, 'i').test(said), false);
  assert.equal((await stat(join(directory, 'back.jsonl'))).mode & 0o777, 0o600);
  const audited = await run('audit', 'list', '--event', 'user.export', '--json');
  const { actor, details } = JSON.parse(audited.stdout);
  assert.deepEqual([actor, details], ['operator', { count: 2 }]);
});

test('an export replaces no file, follows no link, and leaves none when it fails', async (t) => {
  const { directory, start, run } = await place(t);
  const service = await start();
  await service.register();
  await enrol(service, (await service.login()).body.access);
  await writeFile(join(directory, 'mine'), 'mine');
  await symlink(join(directory, 'elsewhere'), join(directory, 'link'));
  for (const [file, code] of [
    ['mine', 4],
    ['link', 4],
    ['none/back.jsonl', 3],
  ] as const)
    assert.equal((await run('export', 'django', file)).code, code, file);
  assert.equal(await readFile(join(directory, 'mine'), 'utf8'), 'mine');
  assert.equal(existsSync(join(directory, 'elsewhere')), false);

  // Sealed by a key that this command does not have.
  await service.database.transaction(({ db }) =>
    db.updateTable('totp_factors').set({ sealed_by: 'another' }).execute(),
  );
  const failed = await run('export', 'django', 'back.jsonl');
  assert.equal(failed.code, 2);
  assert.match(failed.stderr, /^The second factor of user 1 is sealed by the master key another/);
  assert.equal(existsSync(join(directory, 'back.jsonl')), false);
});

test('without a database there is nothing to export, and none is made', async (t) => {
  const directory = await workDirectory(t);
  const env = { GATEPASS_DATABASE_URL: 'sqlite:./data/none.db' };
  const done = await runCommand(directory, ['export', 'django', 'back.jsonl'], '', env);
  assert.equal(done.code, 5, done.stderr);
  assert.equal(existsSync(join(directory, 'data/none.db')), false);
});

test('an address that was never proved is not active in Django; passwords of other schemes have Django’s form', async (t) => {
  const { directory, start, run, entries } = await place(t);
  const bcrypt = '$2b$04$abcdefghijklmnopqrstuuV8nOW7Yi0dXkYV7y2rZQnqQ0o0Q3bJm';
  const rows = [`b@example.com,${bcrypt}`, 'none@example.com,!'];
  await writeFile(join(directory, 'u.csv'), ['email,password_hash', ...rows, ''].join('\n'));
  assert.equal((await run('import', 'csv', 'u.csv')).code, 0);
  const service = await start();
  await service.register();
  await service.register('proved@example.com');
  await service.database.transaction(async ({ db }) => {
    const waiting = db.updateTable('users').set({ awaits_proof: 1 });
    await waiting.where('email', 'not like', 'b@%').execute();
    const proved = db.updateTable('users').set({ awaits_proof: 0, email_verified_at: 1 });
    await proved.where('email', '=', 'proved@example.com').execute();
  });
  assert.equal((await run('export', 'django', 'back.jsonl')).code, 0);
  const seen = (await entries()).map(({ fields }) => [
    fields['email'],
    fields['is_active'],
    String(fields['password']).slice(0, 12),
  ]);
  assert.deepEqual(seen.slice(0, 4), [
    ['b@example.com', true, 'bcrypt$$2b$0'],
    ['none@example.com', false, '!'],
    ['alice@example.com', false, 'argon2$argon'],
    ['proved@example.com', true, 'argon2$argon'],
  ]);
});

test('more accounts than a page holds are all in the file, once each, with UUIDs and the apps of the last one', async (t) => {
  const { directory, start, run, entries } = await place(t, { GATEPASS_USER_IDS: 'uuid' });
  const rows = Array.from({ length: 1001 }, (_, i) => `u${i}@example.com,!`);
  await writeFile(join(directory, 'u.csv'), ['email,password_hash', ...rows, ''].join('\n'));
  assert.equal((await run('import', 'csv', 'u.csv')).code, 0);
  const service = await start();
  const { id } = (await service.register()).body;
  await enrol(service, (await service.login()).body.access);
  const done = await run('export', 'django', 'back.jsonl');
  assert.match(done.stdout, /^Exported 1002 accounts and 1 authenticator app into back\.jsonl\.$/m);
  const all = await entries();
  const users = all.filter(({ model }) => model === 'auth.user');
  assert.equal(new Set(users.map(({ pk }) => pk)).size, 1002);
  assert.deepEqual(
    all.slice(-4).map(({ pk, fields }) => pk ?? fields['user'] ?? fields['accounts']),
    [id, id, id, 1002],
  );
});

test('what was exported can be imported again: the app comes along, and accounts with passkeys alone are counted', async (t) => {
  const from = await place(t, WITH_SITE);
  const service = await from.start();
  await service.register();
  await service.register('key@example.com');
  const { secret, code } = await enrol(service, (await service.login()).body.access);
  await addPasskey(service, (await service.login('key@example.com')).body.access);
  const done = await from.run('export', 'django', 'back.jsonl');
  assert.match(done.stderr, /^1 account with passkeys and no app: Django will ask for/);

  const to = await place(t);
  const dump = join(from.directory, 'back.jsonl');
  assert.equal((await to.run('import', 'django', '--from-json', dump)).code, 0);
  const other = await to.start();
  other.clock.advance(service.clock.now() - other.clock.now());
  const logIn = (shown: string) =>
    other.post('/api/token', {
      email: 'alice@example.com',
      password: 'correct horse 9 battery',
      code: shown,
    });
  assert.equal((await logIn(code)).status, 401);
  other.clock.advance(STEP);
  assert.equal((await logIn(codeAt(secret, other.clock.now()))).status, 200);
});
