/** A composed mail reaches a real SMTP server, and the server's failures are reported. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { simpleParser } from 'mailparser';
import { parseMailUrl } from '../../src/config/mail-url.ts';
import { layOut } from '../../src/mail/layout.ts';
import { compose } from '../../src/mail/message.ts';
import { templates } from '../../src/mail/templates.ts';
import { createTransport } from '../../src/mail/transport.ts';
import { startSmtp } from './support/smtp.ts';

const FACTS = {
  account: 'Анна@example.com',
  time: '2026-01-02 03:04 UTC',
  network: '203.0.113.7',
  link: 'https://id.example.com/account/reset#uid=Mg&token=abc',
  code: '01234567',
  newAddress: 'new@example.com',
  count: 7,
};

const letter = (language: 'en' | 'ru' = 'ru') =>
  compose(layOut(templates.reset(FACTS)[language], language), {
    from: { name: 'Пример', address: 'no-reply@example.com' },
    to: 'anna@example.com',
    date: Date.UTC(2026, 0, 2, 3, 4),
    id: 'gatepass.abc.7',
  });

async function transportTo(t: TestContext, url: string, print = (_text: string) => {}) {
  const parsed = parseMailUrl(url);
  assert.ok('value' in parsed, JSON.stringify(parsed));
  const transport = await createTransport(parsed.value, print);
  t.after(() => transport.close());
  return transport;
}

test('a mail is composed to the same bytes each time', async () => {
  const [first, second] = [await letter(), await letter()];
  assert.ok(first.raw.equals(second.raw));
});

test('a real SMTP server receives one recipient, both parts, and the headers of the row', async (t) => {
  const smtp = await startSmtp(t);
  const transport = await transportTo(t, smtp.url);
  await transport.send(await letter());
  const [mail] = smtp.received;
  assert.deepEqual(mail?.to, ['anna@example.com']);
  assert.equal(mail?.from, 'no-reply@example.com');
  const parsed = await simpleParser(mail?.raw ?? Buffer.alloc(0));
  assert.equal(parsed.messageId, '<gatepass.abc.7@example.com>');
  assert.equal(parsed.date?.toISOString(), '2026-01-02T03:04:00.000Z');
  assert.equal(parsed.subject, 'Сброс пароля');
  assert.match(parsed.text ?? '', /Анна@example\.com/);
  assert.match(parsed.text ?? '', /https:\/\/id\.example\.com\/account\/reset#uid=Mg&token=abc/);
  assert.match(String(parsed.html), /01234567/);
  assert.doesNotMatch(String(parsed.html), /<img|src=|url\(/);
});

for (const mood of ['refuse', 'hang_up', 'accept_and_hang_up'] as const)
  test(`a server that responds with ${mood} is a failed attempt, and the next one succeeds`, async (t) => {
    const smtp = await startSmtp(t);
    const transport = await transportTo(t, smtp.url);
    smtp.mood = mood;
    await assert.rejects(async () => transport.send(await letter()));
    smtp.mood = 'accept';
    await transport.send(await letter());
    const [first, second] = smtp.received;
    if (mood !== 'accept_and_hang_up') assert.equal(smtp.received.length, 1);
    else assert.ok(second && first?.raw.equals(second.raw), 'the copy has the same bytes');
  });

test('an unreachable server is a failed attempt', async (t) => {
  const transport = await transportTo(t, 'smtp://127.0.0.1:1');
  await assert.rejects(async () => transport.send(await letter()), /ECONNREFUSED/);
  await assert.rejects(() => transport.verify(), /ECONNREFUSED/);
});

test('credentials are sent to the server, and wrong ones are reported', async (t) => {
  const smtp = await startSmtp(t, {
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      username === 'api key' && password === 'p@ss/word'
        ? done(null, { user: username })
        : done(new Error('Invalid username or password')),
  });
  const good = smtp.url.replace('//', '//api%20key:p%40ss%2Fword@');
  const transport = await transportTo(t, good);
  await transport.verify();
  await transport.send(await letter());
  assert.equal(smtp.received.length, 1);
  const bad = await transportTo(t, smtp.url.replace('//', '//api%20key:wrong@'));
  await assert.rejects(() => bad.verify(), /Invalid/i);
});

test('log: prints the plain text, file: writes one file per mail', async (t) => {
  const printed: string[] = [];
  const log = await transportTo(t, 'log:', (text) => printed.push(text));
  await log.send(await letter('en'));
  assert.match(printed.join(''), /mail to anna@example\.com/);
  assert.match(printed.join(''), /account\/reset#uid=Mg&token=abc/);

  const directory = await mkdtemp(join(tmpdir(), 'gatepass-mail-'));
  t.after(() => rm(directory, { recursive: true }));
  const file = await transportTo(t, `file:${directory}/out`);
  await file.send(await letter());
  await file.send(await letter());
  const names = await readdir(`${directory}/out`);
  assert.deepEqual(names, ['gatepass.abc.7.eml']);
  const parsed = await simpleParser(await readFile(`${directory}/out/${names[0]}`));
  assert.equal(parsed.subject, 'Сброс пароля');
});

test('mail URLs are read as intended, or refused without their text', () => {
  const read = (text: string) => {
    const parsed = parseMailUrl(text);
    return 'value' in parsed ? parsed.value : parsed.fault;
  };
  const relay = { kind: 'smtp', isSecure: false, user: undefined, password: undefined };
  assert.deepEqual(read('smtp://mail.example.com'), {
    ...relay,
    host: 'mail.example.com',
    port: 587,
    requiresTls: true,
  });
  assert.deepEqual(read('smtp://mail.example.com:80?starttls=optional'), {
    ...relay,
    host: 'mail.example.com',
    port: 80,
    requiresTls: false,
  });
  assert.deepEqual(read('smtps://u%40x:p%3Aq@mail.example.com'), {
    kind: 'smtp',
    host: 'mail.example.com',
    port: 465,
    isSecure: true,
    requiresTls: false,
    user: 'u@x',
    password: 'p:q',
  });
  for (const bad of [
    'mail.example.com',
    'http://mail.example.com',
    'smtp://',
    'smtp://u:pa/ss@mail.example.com',
    'smtp://u:pa#ss@mail.example.com',
    'smtp://u:%ZZ@mail.example.com',
    'smtp://mail.example.com?tls=1',
    'file:',
  ]) {
    const fault = read(bad);
    assert.equal(typeof fault, 'string', bad);
    assert.doesNotMatch(String(fault), /pa.ss|%ZZ/);
  }
});
