/** docs/security-cases.md, group AR: a forgotten password. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from '../support/command.ts';
import { newSharedDatabase, workDirectory } from '../support/databases.ts';
import { PASSWORD, startService } from '../support/service.ts';
import { until } from '../support/until.ts';
import { linkOf, NEW_PASSWORD, startMailed } from './support/mailed.ts';

const MINUTE = 60_000;
const INVALID = { token: ['Invalid token for given user.'] };

test('AR01: links use the configured public URL, whatever a request claims', async (t) => {
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

test('a mailed link sets a new password once, ends every session and opens no session', async (t) => {
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

test('AR12: a reset voids every older token on both nodes and issues none', async (t) => {
  const url = await newSharedDatabase(t);
  const a = await startMailed(t, { GATEPASS_DATABASE_URL: url });
  const b = await startService(t, { GATEPASS_DATABASE_URL: url });
  await a.register();
  const pairs = [(await a.login()).body, (await b.login()).body];
  pairs.push((await b.refresh(pairs[0].refresh)).body);
  for (const { access } of pairs) assert.equal((await b.verify(access)).status, 200);
  await a.askReset();
  const link = linkOf(await a.nextMail());
  const done = await a.reset({ ...link, new_password: NEW_PASSWORD });
  assert.deepEqual([done.status, done.text], [204, '']);
  assert.equal(done.headers.get('set-cookie'), null);
  for (const node of [a, b])
    for (const { access, refresh = pairs[0].refresh } of pairs) {
      // A refresh asks the database and is refused at once; a verify is, once the node knows of the end.
      assert.equal((await node.refresh(refresh)).status, 401);
      await until('it is heard of', async () => (await node.verify(access)).status === 401);
      assert.equal((await node.me(access)).status, 401);
    }
  const after = await b.login('alice@example.com', NEW_PASSWORD);
  assert.equal((await a.verify(after.body.access)).status, 200);
});

test('AR02: every well-formed address gets the same response; malformed ones are 400', async (t) => {
  const service = await startMailed(t);
  await service.register();
  await service.register('disabled@example.com');
  await service.register('verified@example.com');
  await service.register('passwordless@example.com');
  await service.database.transaction(async ({ db }) => {
    const of = (name: string) => db.updateTable('users').where('email', '=', `${name}@example.com`);
    await of('disabled').set({ is_active: 0 }).execute();
    await of('verified').set({ email_verified_at: service.clock.now() }).execute();
    await of('passwordless').set({ password_hash: null }).execute();
  });
  const [known, unknown] = [await service.askReset(), await service.askReset('x@example.com')];
  const visible = ({ headers, status, text }: typeof known) => {
    const { date: _, 'x-request-id': __, ...rest } = Object.fromEntries(headers);
    return { status, text, rest };
  };
  assert.deepEqual(visible(known), visible(unknown));
  for (const name of ['disabled', 'verified', 'passwordless'])
    assert.deepEqual(visible(await service.askReset(`${name}@example.com`)), visible(unknown));
  const mailed = [];
  for (let i = 0; i < 3; i++) mailed.push((await service.nextMail()).to);
  assert.deepEqual(mailed.sort(), [
    'alice@example.com',
    'passwordless@example.com',
    'verified@example.com',
  ]);
  assert.equal(known.status, 204);
  const malformed = await service.askReset('a@b.example, c@d.example');
  assert.deepEqual(malformed.body, { email: ['Enter a valid email address.'] });
});

test('AR11: a newer mail, a changed password, another address, disabling and deleting void older tokens', async (t) => {
  const url = await newSharedDatabase(t);
  const service = await startMailed(t, { GATEPASS_DATABASE_URL: url });
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

  const ofOldAddress = await fresh();
  const again = (await service.login('alice@example.com', 'paper lantern otter 7')).body;
  await service.setEmail(again.access, {
    new_email: 'new@example.com',
    current_password: 'paper lantern otter 7',
  });
  await service.confirmEmail(linkOf(await service.nextMail()));
  await service.nextMail();
  await refused(ofOldAddress);

  const askOf = async (email: string) => {
    await service.askReset(email);
    return linkOf(await service.nextMail());
  };
  const ofDisabled = await askOf('new@example.com');
  const env = { GATEPASS_DATABASE_URL: url };
  const gatepass = async (...args: string[]) => runCommand(await workDirectory(t), args, '', env);
  assert.equal((await gatepass('user', 'disable', 'new@example.com')).code, 0);
  assert.equal((await gatepass('user', 'enable', 'new@example.com')).code, 0);
  await refused(ofDisabled);
  const ofDeleted = await askOf('new@example.com');
  assert.equal((await gatepass('user', 'delete', 'new@example.com')).code, 0);
  await refused(ofDeleted);
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

test('a disabled account gets no mail, and its link sets no password', async (t) => {
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

test('without a mail server the routes refuse', async (t) => {
  const service = await startService(t);
  const response = await service.post('/api/users/reset_password', { email: 'a@example.com' });
  assert.equal(response.status, 404);
  assert.deepEqual(response.body, {
    detail: 'This service sends no mail: set GATEPASS_SMTP_URL.',
    code: 'no_mail',
  });
});

test('missing fields are reported like in djoser', async (t) => {
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
