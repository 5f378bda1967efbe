/** Which new passwords are refused as too easy to guess, and which are not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliDecompressSync } from 'node:zlib';
import { ConfigError, readConfig } from '../../src/config/config.ts';
import { loadCommonPasswords } from '../../src/passwords/common.ts';
import { contextWords } from '../../src/passwords/context-words.ts';
import { DJANGO_LIST } from '../../src/passwords/django-list.ts';
import { createPasswordPolicy } from '../../src/passwords/policy.ts';
import { RECENT_PASSWORDS } from '../../src/passwords/recent-passwords.ts';
import { startService } from '../support/service.ts';

const COMMON = 'This password is too common.';

/** Refused with Django's sentence; none of them is hashed. */
const REFUSED = [
  ...['aaaaaaaa', 'Aaaaaaaa!', 'a1a1a1a1', 'abcabcabc', '@@@@@@@@'],
  ...['gatepass', 'gatepass1', 'Gatepass2024!', 'G@tep@55', '2024gatepass', 'gatepassadmin'],
  ...['Password1!', 'Passw0rd!', 'P@ssw0rd123', 'P@$$w0rd99', 'Qwerty123!', 'Admin@123'],
  ...['Welcome123!', 'Summer2024!', '!!monkey!!', 'we1come99', 'adminadmin1', 'passwordpassword'],
  ...['target123', 'zag12wsx', '1g2w3e4r', 'gwerty123', 'Qwerty1!', 'dearbook', 'Kumar@123'],
  ...['acme2025', 'Acme-Rocket-7', 'r0cketr0cket', 'Example2024!', 'example.acme'],
  ...['00000000000000000000', '01234567890123456789012345678901'],
];

const ACCEPTED = [
  '83920174659201837465920183746592',
  'correct horse battery staple',
  'my acme horse battery',
  'x7$Kp2!mQ9',
  'monkey48213957!',
  '83920174659#1x',
];

test('a common password with the usual decorations is refused, and a long or random one is not', async (t) => {
  let hashes = 0;
  const service = await startService(
    t,
    { GATEPASS_PASSWORD_WORDS: 'Acme, rocket', GATEPASS_ISSUER: 'https://auth.example.com' },
    { hashing: { started: () => hashes++ } },
  );
  for (const password of REFUSED) {
    const { status, body } = await service.register('zoe@mail.test', password);
    assert.deepEqual([status, body], [400, { password: [COMMON] }], password);
  }
  assert.equal(hashes, 0);
  for (const [i, password] of ACCEPTED.entries())
    assert.equal((await service.register(`zoe${i}@mail.test`, password)).status, 201, password);
  for (const digits of ['83920174', '9283746510293847561']) {
    const { body } = await service.register('zoe@mail.test', digits);
    assert.deepEqual(body, { password: ['This password is entirely numeric.'] }, digits);
  }
});

test('every common password of Django, and the most used ones of recent years, are refused', async () => {
  const policy = createPasswordPolicy({
    minLength: 8,
    loadCommon: loadCommonPasswords,
    words: contextWords([], ''),
  });
  const django = brotliDecompressSync(Buffer.from(DJANGO_LIST, 'base64')).toString().split('\n');
  assert.equal(django.length, 19_640);
  const long = django.filter((password) => password.length >= 8);
  assert.equal(long.length, 8354);
  const accepted: string[] = [];
  for (const password of [...long, ...RECENT_PASSWORDS.trim().split(/\s+/)])
    for (const typed of [password, password.toUpperCase(), `${password}!`])
      if ((await policy.faults(typed, 'zoe@mail.test')).length === 0) accepted.push(typed);
  assert.deepEqual(accepted, []);
});

test('the words of a service are those of the product, the operator and the issuer', () => {
  assert.deepEqual(contextWords(['acme'], 'https://login.rocket-labs.co.uk/app'), [
    ...['gatepass', 'rocket', 'acme', 'labs'],
  ]);
  assert.deepEqual(contextWords([], 'urn:acme:users'), ['gatepass', 'users', 'acme']);
  assert.deepEqual(contextWords([], 'http://127.0.0.1:8000'), ['gatepass']);
  assert.deepEqual(contextWords([], ''), ['gatepass']);
  for (const bad of ['ab', 'acme,', 'two words', 'a'.repeat(65)])
    assert.throws(() => readConfig({ GATEPASS_PASSWORD_WORDS: bad }), ConfigError, bad);
});

test('checking a hostile text takes bounded time', async () => {
  const policy = createPasswordPolicy({
    minLength: 8,
    loadCommon: loadCommonPasswords,
    words: contextWords([], ''),
  });
  await policy.faults('warm', 'zoe@mail.test');
  const cpuMs = async (password: string, times: number) => {
    const before = process.cpuUsage();
    for (let i = 0; i < times; i++) await policy.faults(password, 'zoe@mail.test');
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000 / times;
  };
  const repeated = ['!', '1@', 'gatepass', 'ab1!'].map((unit) => unit.repeat(128).slice(0, 128));
  const hostile = [...repeated, `${'a'.repeat(127)}b`, '\u0315\u0300'.repeat(3900)];
  for (const text of hostile) assert.ok((await cpuMs(text, 20)) < 20, text.slice(0, 20));
});
