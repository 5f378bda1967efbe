/** A login with a second factor (MF01–MF04): no tokens before the factor, and each code works once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newSharedDatabase } from '../support/databases.ts';
import { claimsOf, PASSWORD, startService } from '../support/service.ts';
import { ask, codeAt, enrol, MINUTE, STEP, startWithFactor } from './support/holder.ts';

test('a login asks for the factor, and opens a session when it is shown', async (t) => {
  const { service, login, complete, code, sessions } = await startWithFactor(t);
  const before = await sessions();
  const refused = await login();
  assert.equal(refused.status, 401);
  const { challenge, ...rest } = refused.body;
  assert.deepEqual(rest, {
    detail: 'A second factor is required.',
    code: 'second_factor_required',
    methods: ['totp', 'recovery_code'],
  });
  assert.match(challenge, /^[\w-]{51}$/);
  assert.deepEqual(await sessions(), before);
  const completed = await complete(challenge, code());
  assert.equal(completed.status, 200, completed.text);
  assert.deepEqual(Object.keys(completed.body), ['refresh', 'access']);
  assert.equal((await service.me(completed.body.access)).status, 200);
  const seconds = Math.floor(service.clock.now() / 1000);
  const claims = claimsOf(completed.body.access);
  assert.deepEqual(claims['amr'], ['pwd', 'otp', 'mfa']);
  assert.equal(claims['auth_time'], seconds);
  assert.equal('amr' in claimsOf(completed.body.refresh), false);
});

test('a refresh keeps auth_time and amr, with and without rotation', async (t) => {
  for (const rotate of ['false', 'true']) {
    const { service, login, code } = await startWithFactor(t, {
      GATEPASS_ROTATE_REFRESH_TOKENS: rotate,
    });
    const { refresh, access } = (await login({ code: code() })).body;
    service.clock.advance(MINUTE);
    const refreshed = claimsOf((await service.refresh(refresh)).body.access);
    const { auth_time, amr } = claimsOf(access);
    assert.deepEqual([refreshed['auth_time'], refreshed['amr']], [auth_time, amr]);
    assert.notEqual(refreshed['iat'], auth_time);
  }
});

test('a login by password alone adds neither auth_time nor amr', async (t) => {
  const service = await startService(t);
  await service.register();
  const { access } = (await service.login()).body;
  const names = Object.keys(claimsOf(access));
  assert.deepEqual(names, ['token_type', 'exp', 'iat', 'jti', 'user_id', 'sub', 'sid']);
});

test('MF01 one code in 20 parallel logins, in one step or two, succeeds once', async (t) => {
  const { service, login, challenges, complete, code } = await startWithFactor(t);
  const inOneStep = await Promise.all(Array.from({ length: 20 }, () => login({ code: code() })));
  assert.equal(inOneStep.filter(({ status }) => status === 200).length, 1);
  for (const { status, body } of inOneStep)
    if (status !== 200)
      // A busy machine refuses some of many passwords at once.
      assert.ok(['second_factor_invalid', 'unavailable'].includes(body.code), body.code);
  service.clock.advance(STEP);
  const all = await challenges(20);
  const inTwo = await Promise.all(all.map((each) => complete(each, code())));
  assert.equal(inTwo.filter(({ status }) => status === 200).length, 1);
});

test('MF01 the set-up code, a used code and the code of an older step are refused', async (t) => {
  const service = await startService(t);
  await service.register();
  const { access } = (await service.login()).body;
  const { secret, code: setUpCode } = await enrol(service, access);
  const logIn = (code: string) =>
    service.post('/api/token', { email: 'alice@example.com', password: PASSWORD, code });
  assert.equal((await logIn(setUpCode)).body.code, 'second_factor_invalid');
  service.clock.advance(STEP);
  const [older, newer] = [0, STEP].map((ms) => codeAt(secret, service.clock.now() + ms));
  assert.equal((await logIn(newer ?? '')).status, 200, 'a clock that is half a minute ahead');
  assert.equal((await logIn(older ?? '')).body.code, 'second_factor_invalid');
  assert.equal((await logIn(newer ?? '')).body.code, 'second_factor_invalid');
  service.clock.advance(2 * STEP);
  assert.equal((await logIn(codeAt(secret, service.clock.now()))).status, 200);
});

test('MF02 a right code beside a wrong password is not spent', async (t) => {
  const { login, code, sessions } = await startWithFactor(t);
  const [wrong, unknown] = [
    await login({ password: 'wrong horse 9 battery', code: code() }),
    await login({ email: 'nobody@example.com', code: code() }),
  ];
  assert.equal(wrong.text, unknown.text);
  assert.equal(wrong.body.detail, 'No active account found with the given credentials');
  assert.equal((await sessions()).length, 1);
  assert.equal((await login({ code: code() })).status, 200);
});

test('MF03 a challenge is not accepted as a token: as Bearer, at refresh, verify or blacklist', async (t) => {
  const { service, challenge, sessions } = await startWithFactor(t);
  const before = await sessions();
  const text = await challenge();
  assert.equal((await service.me(text)).status, 401);
  assert.equal((await service.refresh(text)).status, 401);
  assert.equal((await service.verify(text)).status, 401);
  assert.equal((await service.post('/api/token/blacklist', { refresh: text })).status, 401);
  const [uid, new_password] = ['MQ', 'granite otter parade 41'];
  for (const path of ['reset_password_confirm', 'activation'])
    assert.notEqual(
      (await service.post(`/api/users/${path}`, { uid, token: text, new_password })).status,
      204,
    );
  assert.deepEqual(await sessions(), before);
});

test('MF03 a challenge opens one session, and none after five wrong codes or five minutes', async (t) => {
  const { service, challenge, complete, code, secret } = await startWithFactor(t);
  const used = await challenge();
  assert.equal((await complete(used, code())).status, 200);
  service.clock.advance(STEP);
  assert.equal((await complete(used, code())).body.code, 'challenge_not_valid');

  const tried = await challenge();
  for (let i = 0; i < 5; i++)
    assert.equal((await complete(tried, '000000')).body.code, 'second_factor_invalid');
  assert.equal((await complete(tried, code())).body.code, 'challenge_not_valid');

  const old = await challenge();
  service.clock.advance(5 * MINUTE);
  assert.equal((await complete(old, code())).body.code, 'challenge_not_valid');

  const parallel = await challenge();
  service.clock.advance(STEP);
  const codes = [-STEP, 0, STEP].map((ms) => codeAt(secret, service.clock.now() + ms));
  const answers = await Promise.all(codes.map((each) => complete(parallel, each)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1, 'three different codes');
});

test('MF03 a challenge is void after a change of the password, and when the account is disabled or deleted', async (t) => {
  const { service, challenge, complete, code, pair } = await startWithFactor(t);
  const other = 'granite otter parade 41';
  const before = await challenge();
  const changed = await ask(service, 'POST', 'password', pair.access, {
    current_password: PASSWORD,
    new_password: other,
    code: code(),
  });
  assert.equal(changed.status, 200, changed.text);
  assert.equal((await complete(before, code())).body.code, 'challenge_not_valid');
  const again = await service.login('alice@example.com', other);
  const { db } = service.database;
  await db.updateTable('users').set({ is_active: 0 }).execute();
  assert.equal((await complete(again.body.challenge, code())).body.code, 'challenge_not_valid');
  await db.deleteFrom('users').execute();
  assert.equal((await complete(again.body.challenge, code())).body.code, 'challenge_not_valid');
});

test('MF04 a recovery code in 20 parallel logins succeeds once, and after regeneration never', async (t) => {
  const { service, login, challenges, complete, recoveryCodes, code } = await startWithFactor(t);
  assert.equal(new Set(recoveryCodes).size, 10);
  const [first = '', second = ''] = recoveryCodes;
  // The passwords come first: their hashes wait for one another, and the codes would not race.
  const all = await challenges(20);
  const answers = await Promise.all(all.map((each) => complete(each, first)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  const { access } = (await login({ code: second.toUpperCase() })).body;
  assert.equal((await login({ code: second })).status, 401);
  const listed = await ask(service, 'GET', 'factors', access);
  assert.equal(listed.body.recovery_codes_left, 8);
  const renewed = await ask(service, 'POST', 'factors/recovery_codes', access);
  assert.equal(renewed.status, 200, renewed.text);
  for (const former of recoveryCodes) assert.equal((await login({ code: former })).status, 401);
  assert.equal((await login({ code: renewed.body.recovery_codes[0] })).status, 200);
  assert.equal((await login({ code: code() })).status, 200);
});

test('an account without a factor logs in even if a code is sent', async (t) => {
  const service = await startService(t);
  await service.register();
  const body = { email: 'alice@example.com', password: PASSWORD };
  assert.equal((await service.post('/api/token', { ...body, code: '123456' })).status, 200);
  const odd = await service.post('/api/token', { ...body, code: 123456 });
  assert.deepEqual([odd.status, odd.body], [400, { code: ['Not a valid string.'] }]);
});

test('GATEPASS_MFA=off: no login asks for a factor, and none can be set up', async (t) => {
  const url = { GATEPASS_DATABASE_URL: await newSharedDatabase(t) };
  const { service, login } = await startWithFactor(t, url);
  assert.equal((await login()).status, 401);
  const off = await startService(t, { ...url, GATEPASS_MFA: 'off' }, { clock: service.clock });
  const { access } = (await off.login()).body;
  const refused = await ask(off, 'POST', 'factors/totp', access);
  assert.deepEqual([refused.status, refused.body.code], [404, 'second_factors_off']);
});
