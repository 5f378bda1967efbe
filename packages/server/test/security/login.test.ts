/** docs/security-cases.md, group LE: what a login tells, costs and survives. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { hash } from '@node-rs/argon2';
import type { AdmissionObserver } from '../../src/passwords/admission.ts';
import { costOf } from '../support/cost.ts';
import { REAL_HASHES } from '../support/hashing.ts';
import { type Answer, PASSWORD, type Service, startService } from '../support/service.ts';

const EMAIL = 'alice@example.com';
// Times, not milliseconds: what grows with the square of an input is a hundred times as dear.
const FEW = 8;
const FAILURE = '{"detail":"No active account found with the given credentials"}';

const comparable = ({ status, headers, text }: Answer) => {
  const own = new Set(['date', 'x-request-id']);
  return { status, text, headers: [...headers].filter(([name]) => !own.has(name)) };
};

function assertLoginFailure(name: string, answer: Answer): void {
  assert.equal(answer.status, 401, `${name}: ${answer.text}`);
  assert.equal(answer.text, FAILURE, name);
}

const store = (service: Service, passwordHash: string | null) =>
  service.database.db.updateTable('users').set({ password_hash: passwordHash }).execute();

/** Alice as she should be; Bob disabled; Carol without a password. */
async function startWithAccounts(t: TestContext, variables = {}, hashing: AdmissionObserver = {}) {
  const service = await startService(t, variables, { hashing });
  await service.register('carol@example.com');
  await store(service, null);
  await service.register('bob@example.com');
  const users = service.database.db.updateTable('users');
  await users.set({ is_active: 0 }).where('email', '=', 'bob@example.com').execute();
  await service.register(EMAIL);
  const failures = {
    unknown: () => service.login('nobody@example.com'),
    'wrong password': () => service.login(EMAIL, 'wrong otter parade 41'),
    disabled: () => service.login('bob@example.com'),
    'no password': () => service.login('carol@example.com'),
    'no address': () => service.login('not an address'),
  };
  return { service, failures };
}

test('LE01 every failed login gets the same response: status, headers and body', async (t) => {
  const { service, failures } = await startWithAccounts(t);
  const expected = comparable(await failures['wrong password']());
  assert.equal(expected.text, FAILURE);
  for (const [name, attempt] of Object.entries(failures))
    assert.deepEqual(comparable(await attempt()), expected, name);
  assert.equal((await service.login()).status, 200);
});

// How long each takes is measured by `npm run timing`; a busy machine cannot tell a few percent.
test('LE02 every failed login costs one hash of the same costs', async (t) => {
  let started = 0;
  const { failures } = await startWithAccounts(t, REAL_HASHES, { started: () => started++ });
  const costs = Object.entries(failures).map(([name, attempt]) => ({
    name,
    attempt,
    least: Number.POSITIVE_INFINITY,
  }));
  for (let round = 0; round < 6; round++)
    for (const kind of costs) {
      const [hashes, before] = [started, process.cpuUsage()];
      await kind.attempt();
      assert.equal(started - hashes, 1, kind.name);
      const { user, system } = process.cpuUsage(before);
      kind.least = Math.min(kind.least, (user + system) / 1000);
    }
  const all = costs.map(({ least }) => least);
  const shown = JSON.stringify(costs.map(({ name, least }) => [name, least]));
  t.diagnostic(shown);
  assert.ok(Math.max(...all) < 1.5 * Math.min(...all), shown);
});

test('LE04 a value that is not a string is a fault of its field', async (t) => {
  const service = await startService(t);
  await service.register();
  const faults: [value: unknown, message: string][] = [
    [undefined, 'This field is required.'],
    [null, 'This field may not be null.'],
    ['', 'This field may not be blank.'],
    ['  ', 'This field may not be blank.'],
    ...[[PASSWORD], { $ne: '' }, 0, 1.5, true].map((value): [unknown, string] => [
      value,
      'Not a valid string.',
    ]),
  ];
  for (const [value, message] of faults) {
    for (const field of ['email', 'password']) {
      const body = { email: EMAIL, password: PASSWORD, [field]: value };
      const answer = await service.post('/api/token', body);
      assert.equal(answer.status, 400, JSON.stringify(body));
      assert.deepEqual(answer.body, { [field]: [message] });
    }
  }
});

test('LE07 LE11 every character of a password counts, including spaces', async (t) => {
  const service = await startService(t);
  const passwords = [
    `${'ab'.repeat(36)}X`,
    '  otter parade 41  ',
    'otter  parade 41',
    '🦦🦦🦦 parade 🔑',
    'ab7!'.repeat(32),
    '𝔊'.repeat(3) + 'ß'.repeat(125),
    'ﷺ otter parade 41',
  ];
  for (const [i, password] of passwords.entries()) {
    const email = `user${i}@example.com`;
    const registered = await service.register(email, password);
    assert.equal(registered.status, 201, `${password}: ${registered.text}`);
    assert.equal((await service.login(email, password)).status, 200, password);
    const nearly = [`${password.slice(0, -1)}Y`, `${password}x`, password.slice(1)];
    for (const other of [...nearly, password.trim(), password.replaceAll('  ', ' ')])
      if (other !== password) assertLoginFailure(other, await service.login(email, other));
  }
});

test('LE08 a password with NUL is refused instead of cut', async (t) => {
  const service = await startService(t);
  await service.register(EMAIL, 'correct');
  for (const answer of [
    await service.register('bob@example.com', 'correct\0horse-battery'),
    await service.login(EMAIL, `${PASSWORD}\0`),
  ]) {
    assert.equal(answer.status, 400);
    assert.deepEqual(answer.body, { password: ['Null characters are not allowed.'] });
  }
});

test('LE09 lone surrogates cannot be registered', async (t) => {
  const service = await startService(t);
  for (const lone of ['\ud800', '\udfff', 'x\udfff\ud800']) {
    const answer = await service.register('bob@example.com', `otter ${lone} parade`);
    assert.equal(answer.status, 400);
    assert.match(answer.text, /cannot be stored/);
  }
});

test('LE09 lone surrogates do not stand for U+FFFD', async (t) => {
  const service = await startService(t);
  await service.register(EMAIL, 'otter \ufffd parade');
  assert.equal((await service.login(EMAIL, 'otter \ufffd parade')).status, 200);
  for (const lone of ['\ud800', '\udfff'])
    assertLoginFailure('lone', await service.login(EMAIL, `otter ${lone} parade`));
});

test('LE12 the spelling of the address does not matter to a login', async (t) => {
  const service = await startService(t);
  await service.register('Alice@X.example');
  for (const email of ['alice@x.example', 'ALICE@X.EXAMPLE', ' alice@x.example '])
    assert.equal((await service.login(email)).status, 200, email);
  for (const email of [
    'alice@x.example.',
    'alice+1@x.example',
    'ali.ce@x.example',
    'alıce@x.example',
  ])
    assertLoginFailure(email, await service.login(email));
});

test('LE16 an unreadable hash is a failed login and is logged', async (t) => {
  const service = await startService(t);
  await service.register();
  const { body: account } = await service.login();
  const scheme = '$argon2id$v=19$m=19456,t=2,p=1$';
  for (const stored of [
    '',
    'plain',
    PASSWORD,
    '$2b$10$abcdefghijklmnopqrstuu',
    scheme,
    `${scheme}AA$`,
  ]) {
    await store(service, stored);
    service.log.length = 0;
    assertLoginFailure(stored, await service.login());
    const events = service.log.filter((line) => /a stored password hash cannot be read/.test(line));
    assert.equal(events.length, 1, stored);
    // Of the request, whose audit event names the account.
    const answer = service.log.find((line) => /"msg":"request"/.test(line)) ?? '{}';
    assert.equal(JSON.parse(events[0] ?? '{}').request_id, JSON.parse(answer).request_id ?? 'none');
    assert.ok(stored === '' || !service.log.join('').includes(stored), 'no hash in the log');
  }
  assert.equal((await service.me(account.access)).status, 200);
});

test('LE17 two simultaneous logins that renew an old hash both succeed and leave a valid one', async (t) => {
  const service = await startService(t, { GATEPASS_PASSWORD_HASH: 'm=47104,t=1,p=1' });
  await service.register();
  await store(service, await hash(PASSWORD, { memoryCost: 19_456, timeCost: 2, parallelism: 1 }));
  const answers = await Promise.all([service.login(), service.login()]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200],
  );
  const select = service.database.db.selectFrom('users').select('password_hash');
  const { password_hash: renewed } = await select.executeTakeFirstOrThrow();
  assert.match(renewed ?? '', /^\$argon2id\$v=19\$m=47104,t=1,p=1\$/);
  assert.equal((await service.login()).status, 200);
});

test('a login with hostile Unicode in the password does not block the event loop', async (t) => {
  const service = await startService(t);
  const marks = '\u0315\u0300'.repeat(3900);
  const usual = await costOf(() => service.login(EMAIL, 'x'.repeat(15_600)), 4);
  const hostile = await costOf(() => service.login(EMAIL, marks), 4);
  t.diagnostic(`${hostile} ms against ${usual} ms`);
  assert.ok(hostile < FEW * usual, `${hostile} ms against ${usual} ms`);
});
