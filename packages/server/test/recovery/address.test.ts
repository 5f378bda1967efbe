/**
 * docs/security-cases.md, group AR: a change of address, confirmed by the new mailbox and undone by
 * the old one.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from 'kysely';
import { runCommand } from '../support/command.ts';
import { newSharedDatabase, workDirectory } from '../support/databases.ts';
import { PASSWORD } from '../support/service.ts';
import { until } from '../support/until.ts';
import { linkOf, NEW_PASSWORD, startMailed } from './support/mailed.ts';

const DAY = 86_400_000;

async function loggedIn(t: TestContext, variables: Record<string, string> = {}) {
  const service = await startMailed(t, variables);
  await service.register();
  const { body: pair } = await service.login();
  const ask = (new_email: string, current_password = PASSWORD) =>
    service.setEmail(pair.access, { new_email, current_password });
  return { service, pair, ask };
}

test('AR22: a change of address requires the password and takes effect when the new mailbox confirms', async (t) => {
  const { service, pair, ask } = await loggedIn(t);
  assert.equal((await service.setEmail(pair.access, { new_email: 'new@example.com' })).status, 400);
  const wrong = await ask('new@example.com', 'not this otter 9');
  assert.deepEqual(wrong.body, { current_password: ['Invalid password.'] });

  assert.equal((await ask('New@Example.com')).status, 204);
  const mail = await service.nextMail();
  assert.equal(mail.to.toLowerCase(), 'new@example.com');
  assert.equal((await service.login()).status, 200);
  assert.equal((await service.login('new@example.com')).status, 401);

  assert.equal((await service.confirmEmail(linkOf(mail))).status, 204);
  assert.equal((await service.login()).status, 401);
  assert.equal((await service.login('new@example.com')).status, 200);
  assert.equal((await service.me(pair.access)).body.email.toLowerCase(), 'new@example.com');
  assert.equal((await service.confirmEmail(linkOf(mail))).status, 400);
});

test('AR22: requesting another account’s address mails a notice to its owner and gets the same response', async (t) => {
  const { service, ask } = await loggedIn(t);
  await service.register('bob@example.com');
  const taken = await ask('bob@example.com');
  const free = await ask('free@example.com');
  assert.deepEqual([taken.status, taken.text], [free.status, free.text]);
  const mails = [await service.nextMail(), await service.nextMail()];
  const notice = mails.find(({ to }) => to === 'bob@example.com');
  assert.match(notice?.subject ?? '', /Another account/);
  assert.equal(notice?.token, '');
});

test('AR24: within 7 days the old mailbox undoes a change and ends all sessions', async (t) => {
  const { service, pair, ask } = await loggedIn(t);
  await ask('attacker@example.com');
  const change = await service.nextMail();
  await service.confirmEmail(linkOf(change));
  const notice = await service.nextMail();
  assert.equal(notice.to, 'alice@example.com');
  assert.match(notice.text, /attacker@example\.com/);

  const squatting = await service.register('alice@example.com');
  assert.equal(squatting.status, 400, 'the old address is kept for its owner');
  service.clock.advance(6 * DAY);
  assert.equal((await service.undoEmail(linkOf(notice))).status, 204);
  assert.equal((await service.login()).status, 200);
  assert.equal((await service.login('attacker@example.com')).status, 401);
  assert.equal((await service.refresh(pair.refresh)).status, 401);
  assert.equal((await service.confirmEmail(linkOf(change))).status, 400);
  assert.equal((await service.undoEmail(linkOf(notice))).status, 400);
});

test('AR24: an undo outlives a new password and expires after seven days', async (t) => {
  const { service, pair, ask } = await loggedIn(t);
  await ask('attacker@example.com');
  await service.confirmEmail(linkOf(await service.nextMail()));
  const notice = await service.nextMail();
  await service.post(
    '/api/users/me/password',
    { current_password: PASSWORD, new_password: 'paper lantern otter 7' },
    { authorization: `Bearer ${pair.access}` },
  );
  service.clock.advance(6.9 * DAY);
  assert.equal((await service.undoEmail(linkOf(notice))).status, 204);

  const again = await service.login('alice@example.com', 'paper lantern otter 7');
  await service.setEmail(again.body.access, {
    new_email: 'other@example.com',
    current_password: 'paper lantern otter 7',
  });
  await service.confirmEmail(linkOf(await service.nextMail()));
  const late = await service.nextMail();
  service.clock.advance(8 * DAY);
  assert.equal((await service.undoEmail(linkOf(late))).status, 400);
  assert.equal((await service.register('alice@example.com')).status, 201, 'free again');
});

test('RL07 a confirmed change of address voids device tokens, because the address may go to another account', async (t) => {
  const limits = 'login-account=1/15m,login-network=1000/15m,login-failures=1000/15m';
  const { service, ask } = await loggedIn(t, {
    GATEPASS_RATE_LIMITS: 'on',
    GATEPASS_LIMITS: limits,
  });
  const tryIt = (password: string, device: string) =>
    service.post(
      '/api/token',
      { email: 'alice@example.com', password },
      { 'x-known-device': device },
    );
  const device = (await tryIt(PASSWORD, 'new')).headers.get('x-known-device') ?? '';
  service.clock.advance(1000);
  await ask('new@example.com');
  assert.equal((await tryIt(NEW_PASSWORD, device)).status, 401);
  assert.equal((await tryIt(NEW_PASSWORD, device)).status, 401, 'a limit of its own');
  assert.equal((await service.confirmEmail(linkOf(await service.nextMail()))).status, 204);
  assert.equal((await tryIt(NEW_PASSWORD, device)).status, 401, 'that of all others');
  assert.equal((await tryIt(NEW_PASSWORD, device)).status, 429);
});

test('an operator who sets another address voids every link mailed to former mailboxes', async (t) => {
  const env = { GATEPASS_DATABASE_URL: await newSharedDatabase(t) };
  const { service, ask } = await loggedIn(t, env);
  await ask('attacker@example.com');
  await service.confirmEmail(linkOf(await service.nextMail()));
  const undo = await service.nextMail();
  await service.askReset('attacker@example.com');
  const reset = await service.nextMail();
  const gatepass = async (...args: string[]) => runCommand(await workDirectory(t), args, '', env);
  const set = await gatepass('user', 'set-email', '1', 'safe@example.com');
  assert.equal(set.code, 0, set.stderr);
  assert.equal((await service.undoEmail(linkOf(undo))).status, 400);
  const taken = await service.reset({ ...linkOf(reset), new_password: NEW_PASSWORD });
  assert.equal(taken.status, 400);
  assert.equal((await service.login('safe@example.com')).status, 200);
});

test('an operator cannot give an address kept for an undo to another account', async (t) => {
  const env = { GATEPASS_DATABASE_URL: await newSharedDatabase(t) };
  const { service, ask } = await loggedIn(t, env);
  await service.register('bob@example.com');
  await ask('new@example.com');
  await service.confirmEmail(linkOf(await service.nextMail()));
  await service.nextMail();
  // The command line uses the system's clock.
  const expires_at = Date.now() + DAY;
  await service.database.transaction(({ db }) =>
    db.updateTable('one_time_tokens').set({ expires_at }).execute(),
  );
  const directory = await workDirectory(t);
  const set = (user: string) =>
    runCommand(directory, ['user', 'set-email', user, 'alice@example.com'], '', env);
  assert.equal((await set('bob@example.com')).code, 4);
  assert.equal((await set('new@example.com')).code, 0);
});

test('AR24: an attacker who changes the address twice cannot supersede or end the first undo', async (t) => {
  const { service, pair, ask } = await loggedIn(t);
  const change = async (address: string) => {
    await ask(address);
    await service.confirmEmail(linkOf(await service.nextMail()));
    return linkOf(await service.nextMail());
  };
  const ofOwner = await change('attacker@example.com');
  const ofAttacker = await change('attacker2@example.com');
  assert.equal((await service.undoEmail(ofAttacker)).status, 204);
  assert.equal((await service.verify(pair.access)).status, 401);
  assert.equal((await service.undoEmail(ofOwner)).status, 204);
  assert.equal((await service.login()).status, 200);
  assert.equal((await service.undoEmail(ofAttacker)).status, 400);
});

test('a reset link of the old address does not work for the new one', async (t) => {
  const { service, ask } = await loggedIn(t);
  await ask('new@example.com');
  const change = linkOf(await service.nextMail());
  await service.askReset();
  const reset = linkOf(await service.nextMail());
  const row = (await rows(service)).tokens.at(-1);
  assert.ok(row);
  assert.equal((await service.confirmEmail(change)).status, 204);
  // The row as left by a process that had found the account before the change.
  const { id, created_at, expires_at } = row;
  await service.database.transaction(({ db }) =>
    sql`insert into one_time_tokens (id, user_id, purpose, address, created_at, expires_at, attempts)
      values (${id}, 1, 'reset', 'alice@example.com', ${created_at}, ${expires_at}, 0)`.execute(db),
  );
  assert.equal((await service.reset({ ...reset, new_password: NEW_PASSWORD })).status, 400);
});

test('AR22: one of two accounts that confirm the same address at once gets it', async (t) => {
  const service = await startMailed(t);
  const links = [];
  for (const email of ['a@example.com', 'b@example.com']) {
    await service.register(email);
    const { body: pair } = await service.login(email);
    await service.setEmail(pair.access, {
      new_email: 'new@example.com',
      current_password: PASSWORD,
    });
    links.push(linkOf(await service.nextMail()));
  }
  const answers = await Promise.all(links.map((link) => service.confirmEmail(link)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 400]);
});

test('AR22: a disabled owner gets no notice, and another spelling of the own address is allowed', async (t) => {
  const { service, ask } = await loggedIn(t);
  await service.register('bob@example.com');
  await service.database.transaction(({ db }) =>
    db
      .updateTable('users')
      .set({ is_active: 0 })
      .where('email_canonical', '=', 'bob@example.com')
      .execute(),
  );
  await ask('bob@example.com');
  await ask('ALICE@example.com');
  const mail = await service.nextMail();
  assert.equal(mail.to.toLowerCase(), 'alice@example.com');
  assert.equal((await service.confirmEmail(linkOf(mail))).status, 204);
});

test('a deleted account leaves no mail and no token behind', async (t) => {
  const { service, pair, ask } = await loggedIn(t);
  await ask('new@example.com');
  await service.nextMail();
  service.smtp.mood = 'refuse';
  await service.askReset();
  await until('a failed attempt', async () =>
    (await rows(service)).outbox.some(({ user_id }) => user_id),
  );
  await service.send('/api/users/me', {
    method: 'DELETE',
    headers: { authorization: `Bearer ${pair.access}`, 'content-type': 'application/json' },
    body: JSON.stringify({ current_password: PASSWORD }),
  });
  assert.deepEqual(await rows(service), { outbox: [], tokens: [] });
});

async function rows({ database: { db } }: Awaited<ReturnType<typeof startMailed>>) {
  return {
    outbox: await db.selectFrom('outbox').selectAll().execute(),
    tokens: await db.selectFrom('one_time_tokens').selectAll().execute(),
  };
}
