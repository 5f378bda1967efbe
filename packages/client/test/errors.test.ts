/** Which failure is which error, and where the token may go. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Client, GatepassError } from '../src/index.ts';
import { createFake, NO_ANSWER, PAIR, REFUSED, type Reply, token } from './support/fake-service.ts';

const PASSWORD = 'a password that no error may show';
const login = (client: Client) => client.login('alice@example.com', PASSWORD);
const register = (client: Client) => client.register('alice@example.com', PASSWORD);
const user = (client: Client) => client.user();
const detail = (text: string, more = {}) => ({ detail: text, ...more });

type Expected = Partial<
  Pick<GatepassError, 'code' | 'status' | 'reason' | 'fields' | 'retryAfter'>
>;
const cases: [string, (client: Client) => Promise<unknown>, Reply | Error, Expected][] = [
  ['no answer', login, NO_ANSWER, { code: 'network' }],
  [
    'wrong credentials',
    login,
    { status: 401, body: detail('No active account found with the given credentials') },
    { code: 'invalid_credentials', status: 401 },
  ],
  [
    'faulty fields',
    register,
    { status: 400, body: { email: ['Enter a valid email address.'], password: ['a', 'b'] } },
    {
      code: 'invalid_fields',
      status: 400,
      fields: { email: ['Enter a valid email address.'], password: ['a', 'b'] },
    },
  ],
  [
    'a 400 that names no field',
    login,
    { status: 400, body: detail('JSON parse error') },
    { code: 'unexpected', status: 400, fields: undefined },
  ],
  [
    'too many attempts',
    login,
    { status: 429, body: detail('Slow down.'), headers: { 'retry-after': '30' } },
    { code: 'rate_limited', status: 429, retryAfter: 30 },
  ],
  [
    'a busy service',
    login,
    {
      status: 503,
      body: detail('Busy.', { code: 'unavailable' }),
      headers: { 'retry-after': '1' },
    },
    { code: 'unavailable', status: 503, reason: 'unavailable', retryAfter: 1 },
  ],
  [
    'a gateway',
    login,
    { status: 502, body: '<html>' },
    { code: 'unavailable', status: 502, retryAfter: undefined },
  ],
  ['null', login, { status: 500, body: 'null' }, { code: 'unavailable', status: 500 }],
  [
    'closed registration',
    register,
    { status: 403, body: detail('Closed.', { code: 'registration_closed' }) },
    { code: 'unexpected', status: 403, reason: 'registration_closed' },
  ],
  ['a page instead of tokens', login, { body: '<html>' }, { code: 'unexpected' }],
  ['tokens of the wrong type', login, { body: { access: 1, refresh: 2 } }, { code: 'unexpected' }],
  ['nobody logged in', user, REFUSED, { code: 'not_logged_in', status: undefined }],
];

for (const [name, act, reply, expected] of cases) {
  test(`${name}: ${expected.code}`, async () => {
    const { client, changes } = createFake(() => reply);
    await assert.rejects(act(client), (error: GatepassError) => {
      assert.equal(error.name, 'GatepassError');
      for (const [key, value] of Object.entries(expected))
        assert.deepEqual(error[key as keyof GatepassError], value, key);
      assert.ok(!`${error.stack}${JSON.stringify(error)}`.includes(PASSWORD));
      return true;
    });
    assert.equal(client.isLoggedIn, false);
    assert.deepEqual(changes, []);
  });
}

const messages: [Reply | Error, RegExp][] = [
  [NO_ANSWER, /^No response: .*GATEPASS_CORS_ORIGINS\?$/],
  [{ status: 401, body: detail('No.') }, /^Wrong e-mail address or password \(401\)$/],
  [
    { status: 400, body: { email: ['Bad.'], password: ['Bad.'] } },
    /^Invalid fields \(400 email password\)$/,
  ],
  [{ status: 429, headers: { 'retry-after': '30' } }, /^Too many attempts \(429\)$/],
  [{ status: 503, body: { code: 'unavailable' } }, /^Service unavailable \(503 unavailable\)$/],
  [{ status: 403, body: { code: 'registration_closed' } }, /\(403 registration_closed\)$/],
  [{ status: 403, body: { code: token(300) } }, /^Unexpected response \(403\)$/],
];

for (const [reply, message] of messages)
  test(`a message is a sentence: ${message.source}`, async () => {
    await assert.rejects(login(createFake(() => reply).client), { message });
  });

test('Retry-After may be a date', async () => {
  const soon = new Date(Date.now() + 60_000).toUTCString();
  const { client } = createFake(() => ({ status: 429, headers: { 'retry-after': soon } }));
  const error: GatepassError = await login(client).then(
    () => assert.fail(),
    (reason) => reason,
  );
  assert.ok(Math.abs((error.retryAfter ?? 0) - 60) < 3);
});

test('no response in time: timeout', async () => {
  const { client } = createFake(
    (_call, request) =>
      new Promise((_resolve, reject) => {
        const { signal } = request;
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
    { timeout: 30 },
  );
  await assert.rejects(login(client), { code: 'timeout' });
});

test('logout forgets the tokens even when the service is unreachable', async () => {
  const fake = createFake((call) => (call === 'POST /api/token' ? PAIR : { status: 404 }));
  await login(fake.client);
  await assert.rejects(fake.client.logout(), { code: 'unexpected', status: 404 });
  assert.equal(fake.client.isLoggedIn, false);
  assert.deepEqual(fake.changes, ['login', 'logout']);
});

test('logout of an ended session succeeds', async () => {
  const fake = createFake((call) => (call === 'POST /api/token' ? PAIR : REFUSED));
  await login(fake.client);
  await fake.client.logout();
  assert.equal(fake.client.isLoggedIn, false);
});

test('a listener that throws does not fail the login', async (t) => {
  const { client } = createFake(() => PAIR);
  const uncaught = new Promise<unknown>((resolve) => {
    process.setUncaughtExceptionCaptureCallback(resolve);
    t.after(() => process.setUncaughtExceptionCaptureCallback(null));
  });
  client.onChange(() => {
    throw new Error('of the listener');
  });
  await login(client);
  assert.match(String(await uncaught), /of the listener/);
});

const targets: [string, boolean][] = [
  ['/api/users/me', true],
  ['https://id.example/anything', true],
  ['https://api.example/orders', true],
  ['https://id.example.evil.example/', false],
  ['http://id.example/', false],
  ['https://id.example:444/', false],
  ['//evil.example/', false],
  ['/\\evil.example/', true],
  ['\\\\evil.example/', false],
  ['https:evil.example/', true],
  ['https://id.example@evil.example/', false],
];

for (const [target, isAllowed] of targets) {
  test(`the token ${isAllowed ? 'goes' : 'does not go'} to ${target}`, async () => {
    const seen: string[] = [];
    const fake = createFake(
      (_call, { url }) => {
        seen.push(new URL(url).host);
        return PAIR;
      },
      { origins: ['https://api.example'] },
    );
    await login(fake.client);
    if (isAllowed) await fake.client.fetch(target);
    else await assert.rejects(fake.client.fetch(target), TypeError);
    assert.deepEqual(
      seen.filter((host) => host.endsWith('evil.example')),
      [],
    );
    assert.equal(fake.authorizations.filter(Boolean).length, isAllowed ? 1 : 0);
  });
}
