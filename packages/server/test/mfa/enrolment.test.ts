/** Setting factors up and removing them: the proof, the sessions that end, and the stored secrets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from '../support/command.ts';
import { newSharedDatabase } from '../support/databases.ts';
import { workDirectory } from '../support/process.ts';
import { PASSWORD, SECRET, startService } from '../support/service.ts';
import { ask, codeAt, enrol, MINUTE, type Pair, STEP, startWithFactor } from './support/holder.ts';

const MASTER_KEY = '0b5c1f7d92ae4386d01c77e3b94f2a685ce1d03f4b8a9627f5d3ec40b1a2978e';
const OTHER_MASTER_KEY = 'e87b3c20d5f94a1ab6c27d908f13e54a72b0c9d6413ef85a02d7b96c48f1ae35';

test('ten minutes after the login, every change of factors requires the password and a code if there is a factor', async (t) => {
  const url = { GATEPASS_DATABASE_URL: await newSharedDatabase(t) };
  const service = await startService(t, url);
  await service.register();
  const { access }: Pair = (await service.login()).body;
  const stale = { GATEPASS_ACCESS_TOKEN_LIFETIME: '1h' };
  const later = await startService(t, { ...stale, ...url }, { clock: service.clock });
  const { secret } = await enrol(service, access);
  service.clock.advance(STEP);
  const code = () => codeAt(secret, service.clock.now());
  const pair: Pair = (
    await later.post('/api/token', {
      email: 'alice@example.com',
      password: PASSWORD,
      code: code(),
    })
  ).body;
  const { factors } = (await ask(later, 'GET', 'factors', pair.access)).body;
  service.clock.advance(11 * MINUTE);
  for (const [method, path] of [
    ['POST', 'factors/totp'],
    ['POST', 'factors/recovery_codes'],
    ['DELETE', `factors/${factors[0].id}`],
  ] as const) {
    const tell = (body?: object) => ask(later, method, path, pair.access, body);
    const nothing = await tell();
    assert.deepEqual([nothing.status, nothing.body.code], [403, 'reauthentication_required'], path);
    const wrong = await tell({ current_password: 'wrong', code: code() });
    assert.deepEqual(
      [wrong.status, wrong.body],
      [400, { current_password: ['Invalid password.'] }],
    );
    const alone = await tell({ current_password: PASSWORD });
    assert.deepEqual([alone.status, alone.body], [400, { code: ['This field is required.'] }]);
    const guess = await tell({ current_password: PASSWORD, code: '000000' });
    assert.equal(guess.status, 400);
    assert.deepEqual(Object.keys(guess.body), ['code']);
    const both = await tell({ current_password: PASSWORD, code: code() });
    assert.ok(both.status < 300, both.text);
    const again = await tell({ current_password: PASSWORD, code: code() });
    assert.ok(again.status >= 400, 'the code was spent');
    service.clock.advance(STEP);
  }
});

test('LO07 turning a factor on or removing it ends all other sessions', async (t) => {
  const service = await startService(t, { GATEPASS_ROTATE_REFRESH_TOKENS: 'true' });
  await service.register();
  const other: Pair = (await service.login()).body;
  const own: Pair = (await service.login()).body;
  await enrol(service, own.access);
  assert.equal((await service.refresh(other.refresh)).status, 401);
  assert.equal((await service.me(other.access)).status, 401);
  const renewed: Pair = (await service.refresh(own.refresh)).body;
  const { factors } = (await ask(service, 'GET', 'factors', renewed.access)).body;
  assert.deepEqual(
    factors.map(({ id, type, name }: Record<string, unknown>) => ({ id, type, name })),
    [{ id: 1, type: 'totp', name: 'Authenticator app' }],
  );
  const removed = await ask(service, 'DELETE', 'factors/1', renewed.access);
  assert.equal(removed.status, 204, removed.text);
  assert.equal((await service.refresh(renewed.refresh)).status, 200);
  assert.equal((await service.login()).status, 200);
  assert.deepEqual((await ask(service, 'GET', 'factors', renewed.access)).body, {
    factors: [],
    recovery_codes_left: 0,
  });
});

test('an app counts only after it is confirmed with a right code', async (t) => {
  const service = await startService(t);
  await service.register();
  const { access }: Pair = (await service.login()).body;
  const confirm = (code: string) => ask(service, 'POST', 'factors/totp/confirm', access, { code });
  assert.equal((await confirm('123456')).status, 400, 'nothing was begun');
  const { secret } = (await ask(service, 'POST', 'factors/totp', access)).body;
  assert.equal((await service.login()).status, 200);
  assert.equal((await confirm('000000')).status, 400);
  const replaced = (await ask(service, 'POST', 'factors/totp', access)).body;
  assert.equal((await confirm(codeAt(secret, service.clock.now()))).status, 400);
  const right = codeAt(replaced.secret, service.clock.now());
  const answers = await Promise.all(Array.from({ length: 10 }, () => confirm(right)));
  assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, ...Array(9).fill(400)]);
  assert.equal((await service.login()).status, 401);
});

test("another account's factor is 404", async (t) => {
  const { service } = await startWithFactor(t);
  await service.register('bob@example.com');
  const { access }: Pair = (await service.login('bob@example.com')).body;
  for (const id of ['1', '0', '-1', 'x', '1e0', '99999999999999999999'])
    assert.equal((await ask(service, 'DELETE', `factors/${id}`, access)).status, 404, id);
  assert.deepEqual((await ask(service, 'GET', 'factors', access)).body.factors, []);
});

test('with a master key the secret of an app is sealed, bound to its account, and resealed under a new key', async (t) => {
  const [key, next] = [MASTER_KEY, OTHER_MASTER_KEY];
  const url = { GATEPASS_DATABASE_URL: await newSharedDatabase(t) };
  const first = await startWithFactor(t, { ...url, GATEPASS_MASTER_KEY: key });
  const { service, secret } = first;
  const { db } = service.database;
  const rowOf = () => db.selectFrom('totp_factors').selectAll().executeTakeFirstOrThrow();
  const row = await rowOf();
  assert.ok(row.sealed_by);
  const { Secret } = await import('otpauth');
  const plain = Buffer.from(Secret.fromBase32(secret).bytes);
  assert.equal(Buffer.from(row.secret).includes(plain), false);
  const moved = await startService(
    t,
    { ...url, GATEPASS_MASTER_KEY: next, GATEPASS_MASTER_KEY_PREVIOUS: key },
    { clock: service.clock },
  );
  assert.notEqual((await rowOf()).sealed_by, row.sealed_by);
  const body = { email: 'alice@example.com', password: PASSWORD, code: first.code() };
  assert.equal((await moved.post('/api/token', body)).status, 200);
  await service.database.transaction(async (tx) => {
    await tx.db
      .updateTable('totp_factors')
      .set({ sealed_by: 'f'.repeat(16) })
      .execute();
  });
  await assert.rejects(
    startService(t, { ...url, GATEPASS_MASTER_KEY: next }, { clock: service.clock }),
    /The second factor of user 1 is sealed by the master key f{16}/,
  );
});

test('without a master key the secret of an app is stored in clear, and a later master key seals it', async (t) => {
  const url = { GATEPASS_DATABASE_URL: await newSharedDatabase(t) };
  const { service } = await startWithFactor(t, url);
  const { db } = service.database;
  const sealedBy = async () =>
    (await db.selectFrom('totp_factors').select('sealed_by').executeTakeFirstOrThrow()).sealed_by;
  assert.equal(await sealedBy(), null);
  const directory = await workDirectory(t);
  const doctor = async (variables: Record<string, string>) =>
    (await runCommand(directory, ['doctor'], '', { GATEPASS_SECRET: SECRET, ...url, ...variables }))
      .stdout;
  assert.match(await doctor({}), /warning {2}secrets of authenticator apps: 1 of 1 in clear/);
  const sealing = { GATEPASS_MASTER_KEY: MASTER_KEY };
  await startService(t, { ...url, ...sealing }, { clock: service.clock });
  assert.match(String(await sealedBy()), /^[\da-f]{16}$/);
  assert.match(await doctor(sealing), /ok {7}secrets of authenticator apps: 1, sealed/);
});

test('no recovery code is stored: only hashes', async (t) => {
  const { service, recoveryCodes } = await startWithFactor(t);
  const rows = await service.database.db.selectFrom('recovery_codes').selectAll().execute();
  assert.equal(rows.length, 10);
  const stored = JSON.stringify(rows);
  for (const code of recoveryCodes)
    for (const text of [code, code.replaceAll('-', '')]) assert.equal(stored.includes(text), false);
  const log = service.log.join('');
  for (const code of recoveryCodes) assert.equal(log.includes(code), false);
});

test('step-up: /api/users/me/confirm requires what a login requires, and returns a fresh access token', async (t) => {
  const { service, login, code } = await startWithFactor(t, {
    GATEPASS_ACCESS_TOKEN_LIFETIME: '1h',
  });
  const pair: Pair = (await login({ code: code() })).body;
  service.clock.advance(11 * MINUTE);
  const end = (access: string) =>
    service.send('/api/sessions?scope=others', {
      method: 'DELETE',
      headers: { authorization: `Bearer ${access}` },
    });
  assert.equal((await end(pair.access)).status, 403);
  const confirm = (body: object) => ask(service, 'POST', 'confirm', pair.access, body);
  assert.deepEqual((await confirm({ current_password: PASSWORD })).body, {
    code: ['This field is required.'],
  });
  assert.equal((await confirm({ current_password: 'wrong', code: code() })).status, 400);
  const confirmed = await confirm({ current_password: PASSWORD, code: code() });
  assert.deepEqual(Object.keys(confirmed.body), ['access']);
  const claims = JSON.parse(
    Buffer.from(confirmed.body.access.split('.')[1], 'base64url').toString(),
  );
  assert.equal(claims.auth_time, claims.iat);
  assert.deepEqual(claims.amr, ['pwd', 'otp', 'mfa']);
  assert.equal((await end(confirmed.body.access)).status, 204);
  assert.equal((await confirm({ current_password: PASSWORD, code: code() })).status, 400, 'spent');
});
