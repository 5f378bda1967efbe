/** Second factors of django-otp: which are imported, which are not, and none is imported twice. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { generateSync } from 'otplib';
import { openDatabase } from '../../src/database/open.ts';
import { ask, enrol, STEP } from '../mfa/support/holder.ts';
import { runCommand } from '../support/command.ts';
import { databaseOf } from '../support/databases.ts';
import { startService } from '../support/service.ts';
import { HASH, PASSWORD, placeOf } from './support/place.ts';

// The base32 of the key, for otplib.
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const KEY = Buffer.from('12345678901234567890').toString('hex');
const USERS = `
  create table auth_user (id integer primary key autoincrement, password text, email text, is_active bool);
  create table otp_totp_totpdevice (id integer primary key autoincrement, name varchar(64), confirmed bool,
    key varchar(80), step smallint, t0 bigint, digits smallint, tolerance smallint, drift smallint, last_t bigint, user_id integer);
  create table otp_static_staticdevice (id integer primary key autoincrement, name varchar(64), confirmed bool, user_id integer);
  create table otp_static_statictoken (id integer primary key autoincrement, token varchar(16), device_id integer);
  create table otp_email_emaildevice (id integer primary key autoincrement, name varchar(64), confirmed bool, user_id integer);
  insert into auth_user (password, email, is_active) values
    ('${HASH}', 'alice@example.com', 1), ('${HASH}', 'bob@example.com', 1), ('${HASH}', 'carol@example.com', 1);`;

type Device = Partial<
  Record<'confirmed' | 'step' | 't0' | 'digits' | 'drift' | 'last_t' | 'user_id', number>
> & {
  key?: string;
};
const device = ({
  confirmed = 1,
  key = KEY,
  step = 30,
  t0 = 0,
  digits = 6,
  drift = 0,
  last_t = -1,
  user_id = 1,
}: Device) =>
  `insert into otp_totp_totpdevice (name, confirmed, key, step, t0, digits, tolerance, drift, last_t, user_id)
   values ('phone', ${confirmed}, '${key}', ${step}, ${t0}, ${digits}, 1, ${drift}, ${last_t}, ${user_id});`;
const codeAt = (now: number) => generateSync({ secret: SECRET, epoch: Math.floor(now / 1000) });
const summary = ({ stdout }: { stdout: string }) => JSON.parse(stdout).factors;

test('an imported django-otp app logs in, but not with a code used in Django', async (t) => {
  const now = Math.floor(Date.now() / STEP) * STEP;
  const { directory, run } = await placeOf(t, USERS + device({ last_t: now / STEP }));
  const done = await run('--json');
  assert.equal(done.code, 0, done.stderr);
  assert.deepEqual(summary(done), {
    imported: 1,
    importable: 1,
    left: {},
    clocks_off: 0,
    static_codes: { imported: 0, importable: 0, left: {} },
  });

  const service = await startService(t, { GATEPASS_DATABASE_URL: await databaseOf(directory) });
  service.clock.advance(now - service.clock.now());
  const login = (code?: string) =>
    service.post('/api/token', { email: 'alice@example.com', password: PASSWORD, code });
  assert.equal((await login()).body.code, 'second_factor_required');
  assert.equal((await login(codeAt(now - STEP))).status, 401);
  assert.equal((await login(codeAt(now))).status, 401);
  const next = await login(codeAt(now + STEP));
  assert.equal(next.status, 200, next.text);
  const codes = await ask(service, 'POST', 'factors/recovery_codes', next.body.access);
  assert.equal(codes.body.recovery_codes?.length, 10, codes.text);
});

test('factors that cannot be imported are counted by reason, with a warning about password-only logins', async (t) => {
  const left = [
    device({ confirmed: 0 }),
    device({ step: 45 }),
    device({ t0: 17 }),
    device({ digits: 7 }),
    device({ key: 'not hex' }),
    device({ key: 'ab' }),
    device({ user_id: 99 }),
    "insert into otp_email_emaildevice (name, confirmed, user_id) values ('mail', 1, 2);",
  ];
  const kept = [
    device({ digits: 8, step: 60 }),
    device({ user_id: 2, drift: -2 }),
    device({ user_id: 3, drift: 1 }),
  ];
  const codes = `insert into otp_static_staticdevice values (1, 'backup', 1, 1), (2, 'none left', 1, 2);
    insert into otp_static_statictoken (token, device_id) values ('abcd2345', 1), ('abcd2346', 1);`;
  const { run } = await placeOf(t, USERS + [...left, ...kept].join('') + codes);
  const rehearsed = summary(await run('--dry-run', '--json'));
  assert.deepEqual(rehearsed, {
    imported: 0,
    importable: 3,
    left: { unconfirmed: 1, other_parameters: 3, invalid_key: 2, no_account: 1, other_kind: 1 },
    clocks_off: 1,
    static_codes: { imported: 0, importable: 0, left: { no_key: 2 } },
  });
  const { stdout } = await run();
  assert.match(stdout, /^3 authenticator apps were imported\.$/m);
  assert.match(stdout, /^1 app of them ran on a clock that is more than one step off/m);
  assert.match(
    stdout,
    /^Second factors not imported: 1 of accounts that are not imported, 1 unconfirmed, /m,
  );
  assert.match(stdout, /needs only its password until its owner sets up a factor\.$/m);
  assert.match(
    stdout,
    /^Static codes not imported: 2 because GATEPASS_MASTER_KEY is not set\. Their/m,
  );
  assert.equal(/abcd234|31323334/.test(stdout), false, 'no secret is printed');
});

test('importing again adds no app to existing accounts', async (t) => {
  const { directory, run } = await placeOf(t, USERS + device({}) + device({ user_id: 2 }));
  assert.equal((await run()).code, 0);
  const { stdout } = await runCommand(directory, ['user', 'factors', '1', '--json']);
  const [{ id }] = JSON.parse(stdout).factors;
  await runCommand(directory, ['user', 'remove-factor', '1', String(id)]);
  const service = await startService(t, { GATEPASS_DATABASE_URL: await databaseOf(directory) });
  const login = await service.post('/api/token', {
    email: 'carol@example.com',
    password: PASSWORD,
  });
  await enrol(service, login.body.access, { current_password: PASSWORD });

  assert.deepEqual(summary(await run('--json')).left, { present: 2 });
  const counts = ['1', '2', '3'].map(async (user) => {
    const shown = await runCommand(directory, ['user', 'factors', user, '--json']);
    return JSON.parse(shown.stdout).factors.length;
  });
  assert.deepEqual(await Promise.all(counts), [0, 1, 1]);
});

test('imported secrets are sealed, and with GATEPASS_MFA=off the report says that no login asks for factors', async (t) => {
  const { directory } = await placeOf(t, USERS + device({}));
  const GATEPASS_MASTER_KEY = randomBytes(32).toString('hex');
  const args = ['import', 'django', '--from', 'sqlite:d.db'];
  const done = await runCommand(directory, args, '', { GATEPASS_MASTER_KEY, GATEPASS_MFA: 'off' });
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /^No login asks for them while GATEPASS_MFA is off\.$/m);
  // Read before a start, because a start seals secrets that are stored in clear.
  const database = openDatabase(await databaseOf(directory));
  const [row] = await database.db.selectFrom('totp_factors').selectAll().execute();
  await database.close();
  assert.equal(typeof row?.sealed_by, 'string');
  assert.equal(Buffer.from(row?.secret ?? []).includes('1234567890'), false);
  const service = await startService(t, {
    GATEPASS_DATABASE_URL: await databaseOf(directory),
    GATEPASS_MASTER_KEY,
  });
  const body = {
    email: 'alice@example.com',
    password: PASSWORD,
    code: codeAt(service.clock.now()),
  };
  const login = await service.post('/api/token', body);
  assert.equal(login.status, 200, login.text);
});

test('factors are imported from dumps too, and devices refer to the primary key of their account', async (t) => {
  const { directory } = await placeOf(t, 'create table unused (id integer)');
  const user = { email: 'alice@example.com', password: HASH, number: 500 };
  const totp = {
    user: 7,
    name: '',
    confirmed: true,
    key: KEY,
    step: 30,
    t0: 0,
    digits: 6,
    drift: 0,
    last_t: 5,
  };
  const dump = [
    { model: 'accounts.user', pk: 7, fields: user },
    { model: 'otp_totp.totpdevice', pk: 1, fields: totp },
    { model: 'otp_totp.totpdevice', pk: 2, fields: { ...totp, user: ['alice'] } },
    {
      model: 'otp_static.staticdevice',
      pk: 3,
      fields: { user: 7, name: 'backup', confirmed: true },
    },
    { model: 'otp_static.statictoken', pk: 4, fields: { device: 3, token: 'abcd2345' } },
  ];
  await writeFile(join(directory, 'dump.json'), JSON.stringify(dump));
  const args = ['import', 'django', '--from-json', 'dump.json', '--id-column', 'number', '--json'];
  const done = await runCommand(directory, args);
  assert.equal(done.code, 0, done.stderr);
  const { imported, left, static_codes } = summary(done);
  assert.deepEqual([imported, left, static_codes.left], [1, { no_account: 1 }, { no_key: 1 }]);
  const { stdout } = await runCommand(directory, ['user', 'factors', '500', '--json']);
  assert.equal(JSON.parse(stdout).factors[0].name, 'Authenticator app');
});
