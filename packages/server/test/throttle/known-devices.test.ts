/** RL07: a device that the account has logged in from has limits of its own; its token logs in no user. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { enrol } from '../mfa/support/holder.ts';
import { accountsOf } from '../security/support/accounts.ts';
import {
  HOME,
  type Limited,
  MINUTE,
  RIGHT,
  startLimited,
  VICTIM,
  WRONG,
} from '../security/support/limited.ts';

const DAY = 86_400_000;
const ELSEWHERE = '198.51.100.77';
const HEADER = 'x-known-device';
let moves = 0;
/** A network that no account has logged in from. */
const away = () => `203.0.113.${++moves}`;

const login = (service: Limited, from: string, device?: string, password = RIGHT, email = VICTIM) =>
  service.post(
    '/api/token',
    { email, password },
    { ...service.from(from), ...(device !== undefined && { [HEADER]: device }) },
  );

async function startWithDevice(t: TestContext, variables: Record<string, string> = {}) {
  const service = await startLimited(t, variables);
  await service.registerFrom(HOME);
  const first = await login(service, HOME, 'new');
  const token = first.headers.get(HEADER) ?? '';
  assert.match(token, /^1\.[0-9a-f]{32}\.\d+\.[\w-]{43}$/);
  return { service, token };
}

/** Fails from as many networks as it takes until a new network has to wait. */
async function burn(service: Limited, name = VICTIM) {
  for (let i = 0; ; i++) {
    const { status } = await login(service, `192.0.2.${i}`, undefined, WRONG, name);
    if (status === 429) return;
    assert.ok(i < 100);
  }
}

/** Whether a login with this token from a new network is looked at, while the account is under attack. */
async function counts(service: Limited, token: string): Promise<boolean> {
  await burn(service);
  const { status } = await login(service, away(), token);
  assert.ok(status === 200 || status === 429, String(status));
  return status === 200;
}

test('RL07 an owner with a known device logs in from a new network while the account is under attack', async (t) => {
  const { service, token } = await startWithDevice(t);
  await burn(service);
  assert.equal((await login(service, ELSEWHERE)).status, 429);
  const again = await login(service, ELSEWHERE, token);
  assert.equal(again.status, 200);
  const next = again.headers.get(HEADER) ?? '';
  assert.notEqual(next, token, 'each login has a token of its own');
  assert.equal((await login(service, away(), next)).status, 200);
});

test('RL07 a known device logs in from a network whose limit others have used up', async (t) => {
  const { service, token } = await startWithDevice(t);
  for (let i = 0; i < 100; i++)
    await login(service, HOME, undefined, WRONG, `user${i}@example.com`);
  assert.equal((await login(service, HOME)).status, 429);
  assert.equal((await login(service, HOME, token)).status, 200);
});

test('a stolen device token allows ten guesses a day, then the usual limits', async (t) => {
  const { service, token } = await startWithDevice(t);
  const guess = () => login(service, ELSEWHERE, token, WRONG);
  const statuses: number[] = [];
  for (let i = 0; i < 25; i++) statuses.push((await guess()).status);
  assert.deepEqual(statuses, [...Array(20).fill(401), ...Array(5).fill(429)]);
  const before = service.hashes();
  assert.equal((await guess()).headers.get('ratelimit-policy'), '"login-account";q=10;w=900');
  assert.equal(service.hashes(), before);

  // The owner, who has a token that is not used up, clears nothing of the stolen one.
  const own = (await login(service, HOME, 'new')).headers.get(HEADER) ?? '';
  assert.equal((await login(service, ELSEWHERE, own)).status, 200);
  assert.equal(await counts(service, token), false);
  service.clock.advance(DAY);
  assert.equal((await guess()).status, 401);
});

test('a right password takes back its own attempt and no wrong one', async (t) => {
  const { service, token } = await startWithDevice(t);
  for (let i = 0; i < 9; i++) await login(service, ELSEWHERE, token, WRONG);
  for (let i = 0; i < 3; i++) assert.equal((await login(service, ELSEWHERE, token)).status, 200);
  await login(service, ELSEWHERE, token, WRONG);
  assert.equal(await counts(service, token), false, 'ten were wrong');
});

test('simultaneous guesses with one device token are limited to ten', async (t) => {
  const { service, token } = await startWithDevice(t);
  await burn(service);
  const before = service.hashes();
  const all = Array.from({ length: 40 }, () => login(service, ELSEWHERE, token, WRONG));
  const statuses = (await Promise.all(all)).map(({ status }) => status);
  assert.ok(statuses.every((status) => [401, 429, 503].includes(status)));
  assert.ok(service.hashes() - before <= 10, `${service.hashes() - before} hashes`);
});

test('a device token is valid unchanged, for its account and for 90 days', async (t) => {
  const { service, token } = await startWithDevice(t);
  await service.registerFrom(HOME, 'mallory@example.com');
  const foreign = await login(service, HOME, 'new', RIGHT, 'mallory@example.com');
  const [userId, id, issuedAt, signature] = token.split('.');
  const other = (foreign.headers.get(HEADER) ?? '').split('.')[3];
  for (const bad of [
    foreign.headers.get(HEADER) ?? '',
    '',
    'new',
    `${token}.${other}`.replace(`${signature}.`, ''),
    `2.${id}.${issuedAt}.${signature}`,
    `${userId}.${id}.${Number(issuedAt) + 1}.${signature}`,
    `${userId}.${'0'.repeat(32)}.${issuedAt}.${signature}`,
    `${token}, ${token}`,
    `0${token}`,
    'A'.repeat(9000),
  ])
    assert.equal(await counts(service, bad), false, bad.slice(0, 200));
  assert.equal(await counts(service, token), true);
  service.clock.advance(90 * DAY - MINUTE);
  assert.equal(await counts(service, token), true);
  service.clock.advance(MINUTE);
  assert.equal(await counts(service, token), false);
});

test('a changed password, an operator and a deleted account void device tokens', async (t) => {
  const { service, token } = await startWithDevice(t);
  const { setPassword, remove } = await accountsOf(service);
  service.clock.advance(1000);
  const { body } = await login(service, HOME);
  const changed = await service.post(
    '/api/users/set_password',
    { current_password: RIGHT, new_password: 'granite otter parade 41' },
    { ...service.from(HOME), authorization: `Bearer ${body.access}` },
  );
  assert.equal(changed.status, 204);
  await burn(service);
  const tryIt = async (device: string, password: string) =>
    (await login(service, away(), device, password)).status;
  assert.equal(await tryIt(token, 'granite otter parade 41'), 429, 'its owner changed it');

  service.clock.advance(1000);
  const second = await login(service, HOME, 'new', 'granite otter parade 41');
  assert.equal(second.status, 200);
  const held = second.headers.get(HEADER) ?? '';
  assert.equal(await tryIt(held, 'granite otter parade 41'), 200);
  service.clock.advance(1000);
  await setPassword(RIGHT);
  await burn(service);
  assert.equal(await tryIt(held, RIGHT), 429, 'the operator changed it');

  service.clock.advance(1000);
  const third = (await login(service, HOME, 'new')).headers.get(HEADER) ?? '';
  await remove();
  service.clock.advance(DAY);
  await service.registerFrom(HOME);
  assert.equal(await counts(service, third), false, 'another account of the same address');
});

test('RL07 a change of factors and an end of all sessions void device tokens', async (t) => {
  const { service, token } = await startWithDevice(t);
  const { access } = (await login(service, HOME)).body;
  const bearer = { authorization: `Bearer ${access}`, ...service.from(HOME) };
  service.clock.advance(1000);
  const ended = await service.send('/api/sessions?scope=all', {
    method: 'DELETE',
    headers: bearer,
  });
  assert.equal(ended.status, 204);
  assert.equal(await counts(service, token), false, 'all were ended');

  service.clock.advance(1);
  const second = await login(service, HOME, 'new');
  const held = second.headers.get(HEADER) ?? '';
  assert.equal(await counts(service, held), true);
  service.clock.advance(1000);
  await enrol(service, second.body.access);
  const refused = await login(service, away(), held);
  assert.equal(refused.status, 429, refused.text);
});

test('RL07 a device token is not valid for a later account of the same address or username', async (t) => {
  const service = await startLimited(t, { GATEPASS_LOGIN_FIELDS: 'email,username' });
  const { setEmail, setUsername } = await accountsOf(service);
  const register = (email: string, username: string) =>
    service.post('/api/users', { email, username, password: RIGHT }, service.from(HOME));
  const tokenFor = async (email: string) =>
    (await login(service, HOME, 'new', RIGHT, email)).headers.get(HEADER) ?? '';
  await register(VICTIM, 'alice');
  const ofName = await tokenFor('alice');
  service.clock.advance(1000);
  assert.equal((await setUsername('al')).ok, true);
  assert.equal((await register('heir@example.com', 'alice')).status, 201);
  await burn(service, 'alice');
  assert.equal((await login(service, away(), ofName, RIGHT, 'alice')).status, 429);

  const ofAddress = await tokenFor(VICTIM);
  service.clock.advance(1000);
  assert.equal((await setEmail('moved@example.com')).ok, true);
  assert.equal((await register(VICTIM, 'next')).status, 201);
  assert.equal(await counts(service, ofAddress), false);
});

test('a client that does not send the header gets no device token', async (t) => {
  const { service } = await startWithDevice(t);
  const [plain, asking] = [await login(service, HOME), await login(service, HOME, 'new')];
  assert.equal(plain.headers.get(HEADER), null);
  assert.deepEqual(Object.keys(plain.body), ['refresh', 'access']);
  assert.deepEqual(Object.keys(asking.body), ['refresh', 'access']);
  const wrong = await login(service, HOME, 'new', WRONG);
  assert.equal(wrong.headers.get(HEADER), null);
});

test('a device token is valid for the username and the address of its account', async (t) => {
  const service = await startLimited(t, { GATEPASS_LOGIN_FIELDS: 'email,username' });
  const account = { email: VICTIM, username: 'alice', password: RIGHT };
  await service.post('/api/users', account, service.from(HOME));
  const token = (await login(service, HOME, 'new')).headers.get(HEADER) ?? '';
  for (const name of ['alice', VICTIM]) {
    for (
      let i = 0;
      (await login(service, `192.0.2.${i}`, undefined, WRONG, name)).status === 401;
      i++
    )
      assert.ok(i < 100);
    assert.equal((await login(service, away(), undefined, RIGHT, name)).status, 429);
    assert.equal((await login(service, away(), token, RIGHT, name)).status, 200, name);
  }
});
