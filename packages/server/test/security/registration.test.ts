/** docs/security-cases.md, group RG: what can be registered, and what a registration cannot do besides. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { costOf } from '../support/cost.ts';
import { PASSWORD, type Service, startService } from '../support/service.ts';
import { request } from './support/raw.ts';

// Times, not milliseconds: what grows with the square of an input is a hundred times as dear.
const FEW = 8;

const rows = ({ database }: Service) =>
  database.db.selectFrom('users').selectAll().orderBy('id').execute();
const pollution = () => Object.getOwnPropertyNames(Object.prototype).sort();

test('RG02 a body cannot pollute prototypes, inherit fields or assign other fields', async (t) => {
  const service = await startService(t);
  const before = pollution();
  const credentials = `"email":"alice@example.com","password":"${PASSWORD}"`;
  for (const body of [
    '{"__proto__":{"is_admin":true}}',
    '{"constructor":{"prototype":{"is_admin":true}}}',
    `{"__proto__":{${credentials}}}`,
    `{"constructor":{"prototype":{${credentials}}}}`,
    `[{${credentials}}]`,
  ])
    assert.equal((await service.post('/api/users', body)).status, 400, body);
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const polluting = '__proto__=1&__proto__[email]=a@b.co&constructor.prototype.x=1';
  assert.equal((await service.post('/api/users', polluting, form)).status, 400);
  assert.deepEqual(await rows(service), []);

  const extra = `"id":77,"is_active":0,"is_admin":true,"password_hash":"x","tokens_valid_from":9`;
  const body = `{${credentials},${extra},"__proto__":{"is_active":0},"toString":1}`;
  const answer = await service.post('/api/users', body);
  assert.deepEqual(answer.body, { id: 1, email: 'alice@example.com' });
  const [row] = await rows(service);
  assert.equal(row?.is_active, 1);
  assert.equal(row?.tokens_valid_from, 0);
  assert.deepEqual(pollution(), before);
  assert.equal((await service.login()).status, 200);
});

test('RG03 of a duplicate field the last value counts everywhere', async (t) => {
  const service = await startService(t);
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const password = encodeURIComponent(PASSWORD);
  const json = `{"email":"x","email":"last@example.com","password":"short","password":"${PASSWORD}"}`;
  assert.equal((await service.post('/api/users', json)).body.email, 'last@example.com');
  const text = `email=x&password=short&email=form@example.com&password=${password}`;
  assert.equal((await service.post('/api/users', text, form)).body.email, 'form@example.com');
  assert.equal((await service.login('last@example.com')).status, 200);
  assert.equal((await service.login('form@example.com')).status, 200);
  const reversed = `{"email":"last2@example.com","email":"x","password":"${PASSWORD}"}`;
  assert.equal((await service.post('/api/users', reversed)).status, 400);
  assert.equal((await rows(service)).length, 2);
});

test('RG04 RG07 spellings of an address are one account, and look-alikes are different accounts', async (t) => {
  const service = await startService(t);
  const same: [first: string, ...others: string[]][] = [
    ['alice@example.com', 'ALICE@example.com', 'Alice@EXAMPLE.com', ' alice@example.com\n'],
    ['a@bücher.example', 'a@xn--bcher-kva.example', 'A@BÜCHER.example', 'a@bu\u0308cher.example'],
    ['k@google.com', 'k@ｇｏｏｇｌｅ.com', 'k@google。com'],
  ];
  for (const [first, ...others] of same) {
    assert.equal((await service.register(first)).status, 201, first);
    for (const email of others) {
      const answer = await service.register(email);
      assert.equal(answer.status, 400, email);
      assert.deepEqual(answer.body, { email: ['user with this email address already exists.'] });
    }
  }
  const distinct = [
    'alice+1@example.com',
    'a.lice@example.com',
    'k@gооgle.com',
    'a@buecher.example',
  ];
  for (const email of distinct) assert.equal((await service.register(email)).status, 201, email);
  assert.equal((await service.register('\u212a@google.com')).status, 400);
});

test('RG04 eight simultaneous spellings create one account', async (t) => {
  const service = await startService(t);
  const spellings = Array.from({ length: 8 }, (_, i) =>
    [...'bob'].map((c, bit) => (i & (1 << bit) ? c.toUpperCase() : c)).join(''),
  );
  assert.equal(new Set(spellings).size, 8);
  const answers = await Promise.all(
    spellings.map((local) => service.register(`${local}@example.com`)),
  );
  // On a busy machine some wait for the hashing in vain.
  const statuses = answers.map(({ status }) => status).filter((status) => status !== 503);
  assert.deepEqual([...new Set(statuses)].sort(), [201, 400]);
  assert.equal(statuses.filter((status) => status === 201).length, 1);
  assert.equal((await rows(service)).length, 1);
});

const NOT_ADDRESSES = [
  ...['a', 'a@', '@b', 'a@b', 'a..b@c.de', '.a@c.de', 'a.@c.de', 'a@b..c', 'a@.b.c', 'a@b.c.'],
  ...['a@@b.co', 'a@b@c.de', `${'l'.repeat(65)}@b.co`, `${'l'.repeat(60)}@${'d.'.repeat(97)}co`],
  ...['"x y"@c.de', '"a"@c.de', 'a@[1.2.3.4]', 'a@1.2.3.4', 'a@[::1]', 'a@0x7f.1', 'a@-b.co'],
  ...['a@b.co\r\nBcc:z@z.co', 'a\n@b.co', 'a@b.co,z@z.co', '<a@b.co>', 'a b@c.de', 'a@b c.de'],
  ...['a@b.co;z@z.co', 'a@b.co%0a', 'é@b.co', 'a@b_c.de', 'a@b.co/x', 'a@b.co#x', 'a@b.co?x'],
  ...['a@%62.co', 'a@b\u202e.co', 'a@b\ud800.co', 'a\u200b@b.co', 'mailto:a@b.co', 'a@b:25.co'],
];

test('RG08 anything but a plain address is refused, header injection included', async (t) => {
  const service = await startService(t);
  for (const email of NOT_ADDRESSES) {
    const answer = await service.register(email);
    assert.equal(answer.status, 400, JSON.stringify(email));
    assert.deepEqual(answer.body, { email: ['Enter a valid email address.'] }, email);
  }
  assert.deepEqual(await rows(service), []);
});

test('RG09 hostile addresses and passwords do not block the event loop', async (t) => {
  const service = await startService(t);
  const dotted = `${'a.'.repeat(31)}a@${'b.'.repeat(90)}co`;
  const cases: Record<string, [email: string, password: string]> = {
    'a … @': [`${'a'.repeat(14_000)}@`, PASSWORD],
    'a@a.a.a …': [`a@${'a.'.repeat(7000)}`, PASSWORD],
    'a@-----': [`a@${'-'.repeat(14_000)}`, PASSWORD],
    'a.a.a …@': [`${'a.'.repeat(7000)}@b.co`, PASSWORD],
    spaces: [`a${' '.repeat(14_000)}@b.co`, PASSWORD],
    'many parts': [dotted, 'ab1'.repeat(4800)],
    'a long part': [`${'a'.repeat(64)}@${'b'.repeat(63)}.co`, 'ab'.repeat(600)],
  };
  const usual = await costOf(() => service.register('x'.repeat(14_000)));
  for (const [name, [email, password]] of Object.entries(cases)) {
    const cost = await costOf(async () => {
      assert.equal((await service.register(email, password)).status, 400, name);
    });
    t.diagnostic(`${name}: ${cost} ms against ${usual} ms`);
    assert.ok(cost < FEW * usual, `${name}: ${cost} ms against ${usual} ms`);
  }
});

test('RG09 hostile Unicode in a password does not block the event loop', async (t) => {
  const service = await startService(t);
  const usual = await costOf(() => service.register('x'.repeat(14_000)));
  const cost = await costOf(() => service.register('a@b.co', '\u0315\u0300'.repeat(3900)));
  t.diagnostic(`${cost} ms against ${usual} ms`);
  assert.ok(cost < FEW * usual, `${cost} ms against ${usual} ms`);
});

test('RG10 weak passwords are refused with every rule that they break', async (t) => {
  const service = await startService(t);
  const short = 'This password is too short. It must contain at least 8 characters.';
  const common = 'This password is too common.';
  const similar = 'The password is too similar to the email address.';
  const numeric = 'This password is entirely numeric.';
  const faults: [password: string, ...messages: string[]][] = [
    ['xk7!qvz', short],
    ['🦦🦦🦦🦦', short],
    ['alice.smith@example.com', similar],
    ['Smithq7z', similar],
    ['passwordpassword', common],
    ['password', common],
    ['PASSWORD', common],
    ['gatepassgatepassgatepass', common],
    ['12345678', common, numeric],
    ['4821', short, numeric],
    ['٣٤٩٢٧١٨٥٦', numeric],
    ['x7'.repeat(65), 'This password is too long. It must contain at most 128 characters.'],
  ];
  for (const [password, ...messages] of faults) {
    const answer = await service.register('alice.smith@example.com', password);
    assert.equal(answer.status, 400, password);
    assert.deepEqual(answer.body, { password: messages }, password);
  }
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  const listed = dictionary['passwords-common'].map(String).filter((each) => each.length >= 8);
  for (const password of listed.slice(0, 200).filter((_, i) => i % 10 === 0))
    assert.match(
      (await service.register('bob@example.com', password)).text,
      /too common/,
      password,
    );
  assert.deepEqual(await rows(service), []);
});

test('RG12 the response names the account and nothing else', async (t) => {
  const service = await startService(t);
  const { status, body, text } = await service.register();
  assert.equal(status, 201);
  assert.deepEqual(Object.keys(body), ['id', 'email']);
  assert.doesNotMatch(text, /argon|hash|password/);
});

test('RG16 a client that disconnects after its last byte leaves a complete account or none', async (t) => {
  const service = await startService(t);
  const emails = Array.from({ length: 30 }, (_, i) => `user${i}@example.com`);
  const leave = (email: string) =>
    new Promise<void>((resolve) => {
      const body = JSON.stringify({ email, password: PASSWORD });
      const headers = ['Content-Type: application/json'];
      const socket = connect(service.port, '127.0.0.1', () => {
        socket.write(request('POST /api/users', headers, body), () => socket.resetAndDestroy());
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve());
    });
  await Promise.all(emails.map(leave));
  for (const email of emails) {
    const again = await service.register(email);
    assert.ok(again.status === 201 || /already exists/.test(again.text), again.text);
    assert.equal((await service.login(email)).status, 200, email);
  }
  assert.equal((await rows(service)).length, emails.length);
});
