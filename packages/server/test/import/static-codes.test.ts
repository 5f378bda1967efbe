/** Static codes of django-otp: each works once here, and a copy of the database does not reveal it. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { generateSync } from 'otplib';
import { ask, STEP } from '../mfa/support/holder.ts';
import { runCommand } from '../support/command.ts';
import { databaseOf } from '../support/databases.ts';
import { startService } from '../support/service.ts';
import { HASH, PASSWORD, placeOf } from './support/place.ts';

// The base32 of the key, for otplib.
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const KEY = Buffer.from('12345678901234567890').toString('hex');
const GATEPASS_MASTER_KEY = randomBytes(32).toString('hex');
const CODE = 'mfzw2y3k';
const OTHER = 'ob3gs5dt';
// An app with 8 digits may show the same text.
const DIGITS = '23456723';

const USERS = `
  create table auth_user (id integer primary key autoincrement, password text, email text, is_active bool);
  create table otp_totp_totpdevice (id integer primary key autoincrement, name varchar(64), confirmed bool,
    key varchar(80), step smallint, t0 bigint, digits smallint, tolerance smallint, drift smallint, last_t bigint, user_id integer);
  create table otp_static_staticdevice (id integer primary key autoincrement, name varchar(64), confirmed bool, user_id integer);
  create table otp_static_statictoken (id integer primary key autoincrement, token varchar(16), device_id integer);
  insert into auth_user (password, email, is_active) values
    ('${HASH}', 'alice@example.com', 1), ('${HASH}', 'bob@example.com', 1);
  insert into otp_totp_totpdevice (name, confirmed, key, step, t0, digits, tolerance, drift, last_t, user_id)
    values ('phone', 1, '${KEY}', 30, 0, 6, 1, 0, -1, 1);
  insert into otp_static_staticdevice values (1, 'backup', 1, 1), (2, 'no app', 1, 2), (3, 'pending', 0, 1);`;
const codes = (device: number, ...tokens: string[]) =>
  tokens
    .map(
      (token) =>
        `insert into otp_static_statictoken (token, device_id) values ('${token}', ${device});`,
    )
    .join('');

async function moveIn(t: TestContext, ...tokens: string[]) {
  const { directory } = await placeOf(t, USERS + codes(1, ...tokens));
  const env = { GATEPASS_MASTER_KEY };
  const args = ['import', 'django', '--from', 'sqlite:d.db', '--json'];
  const done = await runCommand(directory, args, '', env);
  assert.equal(done.code, 0, done.stderr);
  const start = async (variables: Record<string, string> = env) => {
    const url = { GATEPASS_DATABASE_URL: await databaseOf(directory) };
    const service = await startService(t, { ...url, ...variables });
    const login = (code: string) =>
      service.post('/api/token', { email: 'alice@example.com', password: PASSWORD, code });
    return { service, login, status: async (code: string) => (await login(code)).status };
  };
  return { directory, start, report: JSON.parse(done.stdout).factors.static_codes };
}

test('a static code logs in once, in parallel too; a code of the app still does', async (t) => {
  const { start, report } = await moveIn(t, CODE, OTHER, DIGITS);
  assert.deepEqual(report, { imported: 3, importable: 3, left: {} });
  const { service, status } = await start();
  const statuses = await Promise.all([status(CODE), status(CODE), status(CODE)]);
  assert.deepEqual(statuses.toSorted(), [200, 401, 401]);
  assert.equal(await status(CODE), 401);
  assert.equal(await status(` ${OTHER.toUpperCase()} `), 200);
  const code = generateSync({ secret: SECRET, epoch: Math.floor(service.clock.now() / 1000) });
  assert.equal(await status(code), 200);
  assert.equal(await status('zzzzyyyy'), 401);
});

test('the table holds no hash that can be computed without the master key', async (t) => {
  const { start } = await moveIn(t, CODE);
  const { service } = await start();
  const [row] = await service.database.db.selectFrom('recovery_codes').selectAll().execute();
  assert.match(row?.hash ?? '', /^hmac:[\da-f]{64}$/);
  for (const text of [CODE, `1:${CODE}`])
    assert.notEqual(row?.hash, `hmac:${createHash('sha256').update(text).digest('hex')}`);
});

test('new recovery codes void static ones, and so does the removal of the app', async (t) => {
  for (const path of ['factors/recovery_codes', 'factors/1']) {
    const { start } = await moveIn(t, CODE, OTHER);
    const { login, status } = await start();
    const { access } = (await login(CODE)).body;
    const method = path.endsWith('1') ? 'DELETE' : 'POST';
    assert.ok((await ask((await start()).service, method, path, access)).status < 300, path);
    const left = await status(OTHER);
    // Without an app no code is required, and none is spent.
    assert.equal(left, method === 'POST' ? 401 : 200, path);
    const { service } = await start();
    const rows = await service.database.db.selectFrom('recovery_codes').selectAll().execute();
    assert.equal(
      rows.some(({ hash }) => hash.startsWith('hmac:')),
      false,
      path,
    );
  }
});

test('codes that django-otp did not make, or of no app, stay behind and are counted; none comes without a master key', async (t) => {
  const tokens = ['1234', 'Mfzw2y3k', 'aaaabbbb', 'password', 'mfzw2y3k!', CODE];
  const { directory } = await placeOf(
    t,
    USERS + codes(1, ...tokens) + codes(2, OTHER) + codes(3, OTHER),
  );
  const run = (env: Record<string, string>) =>
    runCommand(
      directory,
      ['import', 'django', '--from', 'sqlite:d.db', '--dry-run', '--json'],
      '',
      env,
    );
  const left = { no_app: 1, unconfirmed: 1, weak: 5 };
  const kept = JSON.parse((await run({ GATEPASS_MASTER_KEY })).stdout).factors.static_codes;
  assert.deepEqual(kept, { imported: 0, importable: 1, left });
  const none = await run({});
  assert.deepEqual(JSON.parse(none.stdout).factors.static_codes.left, { ...left, no_key: 1 });
  assert.equal(new RegExp(CODE).test(none.stdout + none.stderr), false);
});

test('after a change of the master key static codes count while the former key is configured, and not afterwards', async (t) => {
  const { start } = await moveIn(t, CODE, OTHER);
  const next = randomBytes(32).toString('hex');
  const changing = { GATEPASS_MASTER_KEY: next, GATEPASS_MASTER_KEY_PREVIOUS: GATEPASS_MASTER_KEY };
  assert.equal(await (await start(changing)).status(CODE), 200);
  const { service, status } = await start({ GATEPASS_MASTER_KEY: next });
  assert.equal(await status(OTHER), 401);
  service.clock.advance(STEP);
  const code = generateSync({ secret: SECRET, epoch: Math.floor(service.clock.now() / 1000) });
  assert.equal(await status(code), 200, 'the app itself was sealed anew');
});

test('an export says whose static codes are void in Django: those of owners who used or replaced one', async (t) => {
  const { directory, start } = await moveIn(t, CODE, OTHER);
  const { status } = await start();
  const voidIn = async (file: string) => {
    const { code, stderr } = await runCommand(directory, ['export', 'django', file], '', {
      GATEPASS_MASTER_KEY,
    });
    assert.equal(code, 0, stderr);
    const text = await readFile(join(directory, file), 'utf8');
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    return lines.filter(({ model }) => model === 'gatepass.codes_void').map(({ fields }) => fields);
  };
  assert.deepEqual(await voidIn('before.jsonl'), []);
  assert.equal(await status(CODE), 200);
  assert.deepEqual(await voidIn('after.jsonl'), [{ user: 1 }]);
});
