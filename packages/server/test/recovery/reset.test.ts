/** SECURITY.md, group AR: a forgotten password. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PASSWORD } from '../support/service.ts';
import { linkOf, NEW_PASSWORD, startMailed } from './support/mailed.ts';

const MINUTE = 60_000;
const INVALID = { token: ['Invalid token for given user.'] };

test('AR01: links carry the configured public URL, whatever a request claims', async (t) => {
  const service = await startMailed(t);
  await service.register();
  const forged = {
    'x-forwarded-host': 'evil.example',
    forwarded: 'host=evil.example;proto=http',
    'x-forwarded-proto': 'http',
  };
  const response = await service.post(
    '/api/users/reset_password',
    { email: 'alice@example.com' },
    forged,
  );
  assert.equal(response.status, 204);
  const mail = await service.nextMail();
  assert.match(
    mail.link,
    /^https:\/\/id\.example\.com\/account\/reset#uid=[\w-]+&token=[\w-]{51}$/,
  );
  assert.doesNotMatch(mail.text + mail.html, /evil/);
});

test('a mailed link sets a new password once, ends every session and logs nobody in', async (t) => {
  const service = await startMailed(t);
  await service.register();
  const { body: pair } = await service.login();
  await service.askReset('Alice@Example.COM');
  const mail = await service.nextMail();
  assert.equal(mail.to, 'alice@example.com');
  assert.match(mail.text, /alice@example\.com/);

  const weak = await service.reset({ ...linkOf(mail), new_password: '12345678' });
  assert.equal(weak.status, 400);
  assert.ok(Array.isArray(weak.body.new_password));
  const done = await service.reset({ ...linkOf(mail), new_password: NEW_PASSWORD });
  assert.equal(done.status, 204);
  assert.equal(done.text, '');

  assert.equal((await service.login()).status, 401);
  assert.equal((await service.login('alice@example.com', NEW_PASSWORD)).status, 200);
  assert.equal((await service.verify(pair.access)).status, 401);
  assert.equal((await service.refresh(pair.refresh)).status, 401);
  const again = await service.reset({ ...linkOf(mail), new_password: 'another granite otter 9' });
  assert.equal(again.status, 400);
  assert.deepEqual(again.body, INVALID);
});

test('AR02: every well-formed address gets the same response; malformed ones are 400', async (t) => {
  const service = await startMailed(t);
  await service.register();
  const [known, unknown] = [await service.askReset(), await service.askReset('x@example.com')];
  const visible = ({ headers, status, text }: typeof known) => {
    const { date: _, 'x-request-id': __, ...rest } = Object.fromEntries(headers);
    return { status, text, rest };
  };
  assert.deepEqual(visible(known), visible(unknown));
  assert.equal(known.status, 204);
  const malformed = await service.askReset('a@b.example, c@d.example');
  assert.deepEqual(malformed.body, { email: ['Enter a valid email address.'] });
});

test('AR08: a token of one purpose is worth nothing elsewhere', async (t) => {
  const service = await startMailed(t, { GATEPASS_EMAIL_VERIFICATION: 'optional' });
  await service.register();
  const activation = await service.nextMail();
  await service.askReset();
  const reset = await service.nextMail();
  const asReset = await service.reset({ ...linkOf(activation), new_password: NEW_PASSWORD });
  assert.deepEqual([asReset.status, asReset.body], [400, INVALID]);
  assert.equal((await service.activate(linkOf(reset))).status, 400);
  assert.equal((await service.undoEmail(linkOf(reset))).status, 400);
  assert.equal((await service.confirmEmail(linkOf(reset))).status, 400);
  assert.equal((await service.me(reset.token)).status, 401);
  assert.equal((await service.verify(reset.token)).status, 401);
  assert.equal((await service.refresh(reset.token)).status, 401);
  const byCode = { email: 'alice@example.com', code: activation.code, new_password: NEW_PASSWORD };
  assert.equal((await service.reset(byCode)).status, 400);
});

test('AR09: one token in 20 parallel posts changes the password once', async (t) => {
  const service = await startMailed(t);
  await service.register();
  await service.askReset();
  const mail = await service.nextMail();
  const passwords = Array.from({ length: 20 }, (_, i) => `granite otter parade ${i}`);
  const responses = await Promise.all(
    passwords.map((each) => service.reset({ ...linkOf(mail), new_password: each })),
  );
  const won = responses.flatMap(({ status }, i) => (status === 204 ? [i] : []));
  assert.equal(won.length, 1);
  // The hashing queue may refuse some of them unlooked at.
  assert.ok(responses.every(({ status }) => [204, 400, 503].includes(status)));
  const logins = await service.login('alice@example.com', passwords[won[0] ?? 0] ?? '');
  assert.equal(logins.status, 200);
});

test('AR11: a newer mail, a changed password, disabling and deleting end older tokens', async (t) => {
  const service = await startMailed(t);
  await service.register();
  const { body: pair } = await service.login();
  const fresh = async () => {
    await service.askReset();
    return linkOf(await service.nextMail());
  };
  const refused = async (link: object) =>
    assert.equal((await service.reset({ ...link, new_password: NEW_PASSWORD })).status, 400);

  const superseded = await fresh();
  const older = await fresh();
  await refused(superseded);
  const changed = await service.post(
    '/api/users/me/password',
    { current_password: PASSWORD, new_password: 'paper lantern otter 7' },
    { authorization: `Bearer ${pair.access}` },
  );
  assert.ok(changed.status < 300, String(changed.status));
  await refused(older);
  const late = await fresh();
  service.clock.advance(31 * MINUTE);
  await refused(late);
});

test('AR17: a code takes five attempts and lives ten minutes', async (t) => {
  const service = await startMailed(t);
  await service.register();
  await service.askReset();
  const first = await service.nextMail();
  const by = (code: string) =>
    service.reset({ email: 'alice@example.com', code, new_password: NEW_PASSWORD });
  const wrong = first.code === '00000000' ? '00000001' : '00000000';
  for (let i = 0; i < 5; i++) {
    const response = await by(wrong);
    assert.deepEqual(response.body, { code: ['Invalid code for given user.'] });
  }
  assert.equal((await by(first.code)).status, 400, 'the right code comes too late');
  assert.equal(
    (await service.reset({ ...linkOf(first), new_password: NEW_PASSWORD })).status,
    204,
    'the link has no attempts',
  );

  await service.askReset();
  const second = await service.nextMail();
  service.clock.advance(11 * MINUTE);
  assert.equal((await by(second.code)).status, 400);
  await service.askReset();
  const third = await service.nextMail();
  const parallel = await Promise.all(Array.from({ length: 100 }, () => by(wrong)));
  assert.ok(parallel.every(({ status }) => status === 400));
  assert.equal((await by(third.code)).status, 400);
});

test('AR18: neither a row of the table nor the code tells the link’s token', async (t) => {
  const service = await startMailed(t);
  await service.register();
  await service.askReset();
  const mail = await service.nextMail();
  const rows = await service.database.db.selectFrom('one_time_tokens').selectAll().execute();
  const outbox = await service.database.db.selectFrom('outbox').selectAll().execute();
  const stored = JSON.stringify([rows, outbox]);
  assert.ok(!stored.includes(mail.token.slice(8)));
  assert.ok(!stored.includes(mail.code));
  for (const [column, value] of Object.entries(rows[0] ?? {})) {
    const response = await service.reset({
      uid: mail.uid,
      token: String(value ?? 'x'),
      new_password: NEW_PASSWORD,
    });
    assert.equal(response.status, 400, column);
  }
});

test('AR21: an address that could reach two mailboxes is refused', async (t) => {
  const service = await startMailed(t);
  for (const email of [
    'a@b.example, c@d.example',
    '"a b"@c.example',
    'a@b.example\r\nBcc: c@d.example',
    'a@b.example\nc@d.example',
    '<a@b.example>',
  ]) {
    assert.equal((await service.askReset(email)).status, 400, email);
    assert.equal((await service.resend(email)).status, 400, email);
  }
});

test('a disabled account gets no mail, and its token no new password', async (t) => {
  const service = await startMailed(t);
  await service.register();
  await service.askReset();
  const mail = await service.nextMail();
  await service.database.transaction((tx) =>
    tx.db.updateTable('users').set({ is_active: 0 }).execute(),
  );
  const response = await service.reset({ ...linkOf(mail), new_password: NEW_PASSWORD });
  assert.deepEqual(response.body, INVALID);
  await service.askReset();
  await service.register('bob@example.com');
  await service.askReset('bob@example.com');
  assert.equal((await service.nextMail()).to, 'bob@example.com');
});

test('without a mail server the routes say so', async (t) => {
  const { startService } = await import('../support/service.ts');
  const service = await startService(t);
  const response = await service.post('/api/users/reset_password', { email: 'a@example.com' });
  assert.equal(response.status, 404);
  assert.deepEqual(response.body, {
    detail: 'This service sends no mail: set GATEPASS_SMTP_URL.',
    code: 'no_mail',
  });
});

test('what a body lacks is named as djoser names it', async (t) => {
  const service = await startMailed(t);
  const required = ['This field is required.'];
  assert.deepEqual((await service.reset({ new_password: NEW_PASSWORD })).body, {
    uid: required,
    token: required,
  });
  assert.deepEqual((await service.reset({ uid: 'Mg', new_password: NEW_PASSWORD })).body, {
    token: required,
  });
  assert.deepEqual((await service.reset({ uid: 'Mg', token: null })).body, {
    token: ['This field may not be null.'],
    new_password: required,
  });
  assert.deepEqual((await service.activate({})).body, { uid: required, token: required });
});
