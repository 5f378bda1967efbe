/** What happens to a login while the service, or the way to it, misbehaves. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createFake, NO_ANSWER, PAIR, REFUSED, type Reply, token } from './support/fake-service.ts';
import { ME, REFRESH } from './support/wire.ts';

const LOGIN = 'POST /api/token';
const USER = { body: { id: 1, email: 'alice@example.com' } };

/** Logged in, with an access token that has expired, and `outcomes` for one refresh after the other. */
async function expired(outcomes: readonly (Reply | Error)[]) {
  const presented: string[] = [];
  const fake = createFake(async (call, request) => {
    if (call === LOGIN) return PAIR;
    if (call !== REFRESH) return USER;
    presented.push(((await request.json()) as { refresh: string }).refresh);
    return outcomes[presented.length - 1] ?? NO_ANSWER;
  });
  await fake.client.login('alice@example.com', 'secret');
  fake.advance(300_000);
  return { ...fake, presented };
}

/** Lets time pass in small steps until a promise settles; returns how much it took. */
async function elapsed(t: TestContext, promise: Promise<unknown>): Promise<number> {
  let isSettled = false;
  const done = () => {
    isSettled = true;
  };
  promise.then(done, done);
  let milliseconds = 0;
  while (!isSettled && milliseconds < 60_000) {
    for (let turn = 0; turn < 30; turn++) await Promise.resolve();
    await new Promise(setImmediate);
    if (isSettled) break;
    t.mock.timers.tick(100);
    milliseconds += 100;
  }
  return milliseconds;
}

const renewed = { body: { access: token(300, 1), refresh: 'R1' } };
const html = (status: number) => ({ status, body: '<h1>Sorry</h1>' });
const wait = (status: number, seconds: number) => ({
  ...html(status),
  headers: { 'retry-after': String(seconds) },
});

const mended: [string, (Reply | Error)[], number][] = [
  ['no answer', [NO_ANSWER], 300],
  ['no answer three times', [NO_ANSWER, NO_ANSWER, NO_ANSWER], 4300],
  ['502, 503, 504', [html(502), html(503), html(504)], 4300],
  ['500', [html(500)], 300],
  ['503 with Retry-After: 2', [wait(503, 2)], 2000],
  ['503 with Retry-After: 0', [wait(503, 0)], 300],
  ['429 with Retry-After: 5', [wait(429, 5)], 5000],
];

for (const [name, faults, duration] of mended) {
  test(`a refresh is repeated with the same token after ${name}`, async (t) => {
    const { client, presented, changes } = await expired([...faults, renewed]);
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const user = client.user();
    assert.equal(await elapsed(t, user), duration);
    assert.deepEqual(await user, USER.body);
    assert.deepEqual(
      presented,
      faults.concat(renewed).map(() => 'R0'),
    );
    assert.deepEqual(changes, ['login']);
  });
}

const survived: [string, Reply | Error, string, number][] = [
  ['no answer at all', NO_ANSWER, 'network', 4],
  ['503 again and again', html(503), 'unavailable', 4],
  ['429 for an hour', wait(429, 3600), 'rate_limited', 1],
  ['a page of a captive portal', html(200), 'unexpected', 1],
  ['a 401 of a proxy', { status: 401, body: '<h1>Who are you?</h1>' }, 'unexpected', 1],
  ['a 401 without a code', { status: 401, body: { detail: 'No.' } }, 'unexpected', 1],
  ['403', { status: 403, body: { detail: 'No.' } }, 'unexpected', 1],
  ['404', html(404), 'unexpected', 1],
  ['400', { status: 400, body: { refresh: ['Not a valid string.'] } }, 'invalid_fields', 1],
];

for (const [name, fault, code, tries] of survived) {
  test(`${name} logs no user out`, async (t) => {
    const { client, presented, changes, advance } = await expired([
      ...Array.from({ length: tries }, () => fault),
      renewed,
    ]);
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const user = client.user();
    const failure = assert.rejects(user, { code });
    await elapsed(t, user);
    await failure;
    assert.equal(presented.length, tries);
    assert.equal(client.isLoggedIn, true);
    advance(60_000);
    assert.deepEqual(await client.user(), USER.body);
    assert.deepEqual(changes, ['login']);
  });
}

test('a 401 of the service ends the login, at once and for good', async () => {
  const { client, sent, changes } = await expired([REFUSED]);
  await assert.rejects(client.user(), { code: 'session_ended', status: 401, reason: 'revoked' });
  await assert.rejects(client.user(), { code: 'not_logged_in' });
  assert.deepEqual(sent, [LOGIN, REFRESH]);
  assert.deepEqual(changes, ['login', 'session_ended']);
});

test('an ageing token is used while no new one can be fetched', async () => {
  const fake = createFake((call) => (call === LOGIN ? PAIR : call === ME ? USER : wait(503, 3600)));
  await fake.client.login('alice@example.com', 'secret');
  fake.advance(290_000);
  assert.deepEqual(await fake.client.user(), USER.body);
  assert.deepEqual(await fake.client.user(), USER.body);
});

test('without rotation the refresh token is kept', async () => {
  const presented: string[] = [];
  const fake = createFake(async (call, request) => {
    if (call === LOGIN) return PAIR;
    if (call === ME) return USER;
    presented.push(((await request.json()) as { refresh: string }).refresh);
    return { body: { access: token(300, presented.length) } };
  });
  await fake.client.login('alice@example.com', 'secret');
  for (let refreshes = 0; refreshes < 3; refreshes++) {
    fake.advance(300_000);
    await fake.client.user();
  }
  assert.deepEqual(presented, ['R0', 'R0', 'R0']);
});

for (const outcome of [renewed, REFUSED]) {
  const status = 'status' in outcome ? 401 : 200;

  test(`a ${status} that arrives after a logout or another login is ignored`, async () => {
    let arrive = (_reply: Reply) => {};
    let asked = () => {};
    let logins = 0;
    const fake = createFake((call) => {
      if (call === LOGIN)
        return { body: { access: token(300, 0, `s${++logins}`), refresh: `R${logins}` } };
      if (call !== REFRESH) return USER;
      asked();
      return new Promise<Reply>((resolve) => {
        arrive = resolve;
      });
    });
    const refreshing = async () => {
      await fake.client.login('alice@example.com', 'secret');
      fake.advance(300_000);
      const isAsked = new Promise<void>((resolve) => {
        asked = resolve;
      });
      const user = fake.client.user();
      await isAsked;
      return user.then(
        () => 'answered',
        (error) => error.code,
      );
    };

    const afterLogout = refreshing();
    await new Promise(setImmediate);
    await fake.client.logout();
    arrive(outcome);
    assert.equal(await afterLogout, 'session_ended');
    assert.equal(fake.client.isLoggedIn, false);

    const afterLogin = refreshing();
    await new Promise(setImmediate);
    await fake.client.login('bob@example.com', 'secret');
    arrive(outcome);
    assert.equal(await afterLogin, 'answered');
    assert.equal(fake.client.isLoggedIn, true);
    assert.equal(fake.authorizations.at(-1), `Bearer ${token(300, 0, 's3')}`);
    assert.deepEqual(fake.changes, ['login', 'logout', 'login', 'login']);
  });
}
