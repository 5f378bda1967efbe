/** docs/security-cases.md, group AR: what a mailed token allows, how often, and what reveals it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkOf, NEW_PASSWORD, startMailed } from './support/mailed.ts';

const MINUTE = 60_000;
const INVALID = { token: ['Invalid token for given user.'] };

test('AR08: a token of one purpose is refused for every other', async (t) => {
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

test('AR09: one token in 20 parallel requests changes the password once', async (t) => {
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
  // The hashing queue may refuse some of them before the check.
  assert.ok(responses.every(({ status }) => [204, 400, 503].includes(status)));
  const logins = await service.login('alice@example.com', passwords[won[0] ?? 0] ?? '');
  assert.equal(logins.status, 200);
});

test('AR17: a code allows five attempts and expires after ten minutes', async (t) => {
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

test('AR18: neither a row of the table nor the code reveals the link’s token', async (t) => {
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
