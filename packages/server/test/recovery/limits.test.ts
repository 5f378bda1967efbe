/** How many mails an account gets, and how many a network can request. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PASSWORD } from '../support/service.ts';
import { until } from '../support/until.ts';
import { linkOf, NEW_PASSWORD, startMailed } from './support/mailed.ts';

const LIMITED = { GATEPASS_RATE_LIMITS: 'on' };
const HOUR = 3_600_000;

test('an account gets at most three mails an hour, and the response does not reveal it', async (t) => {
  const service = await startMailed(t, LIMITED);
  await service.register();
  const statuses: number[] = [];
  for (let i = 0; i < 5; i++) statuses.push((await service.askReset()).status);
  assert.deepEqual(statuses, [204, 204, 204, 204, 204]);
  const queued = () => service.database.db.selectFrom('outbox').select('id').execute();
  await until('every mail has left', async () => (await queued()).length === 0);
  assert.equal(service.smtp.received.length, 3);
  for (let i = 0; i < 3; i++) await service.nextMail();
  service.clock.advance(HOUR);
  assert.equal((await service.askReset()).status, 204);
  assert.match((await service.nextMail()).subject, /Reset/);
});

test('a network may request ten mails an hour, for known and unknown addresses alike', async (t) => {
  const service = await startMailed(t, LIMITED);
  const ask = (i: number) => service.askReset(`user${i}@example.com`);
  for (let i = 0; i < 10; i++) assert.equal((await ask(i)).status, 204);
  const refused = await ask(10);
  assert.equal(refused.status, 429);
  assert.equal(refused.body.code, 'throttled');
  assert.match(refused.headers.get('ratelimit-policy') ?? '', /"mail-network";q=10/);
});

test('a reset clears the counts against the account', async (t) => {
  const service = await startMailed(t, LIMITED);
  await service.register();
  for (let i = 0; i < 10; i++) await service.login('alice@example.com', 'not this otter 9');
  assert.equal((await service.login()).status, 429);
  await service.askReset();
  const mail = await service.nextMail();
  const done = await service.reset({ ...linkOf(mail), new_password: NEW_PASSWORD });
  assert.equal(done.status, 204);
  assert.equal((await service.login('alice@example.com', NEW_PASSWORD)).status, 200);
});

test('a mailbox gets at most three mails an hour, whichever accounts request its address', async (t) => {
  const service = await startMailed(t, { ...LIMITED, GATEPASS_LIMITS: 'mail-network=100/1h' });
  for (let i = 0; i < 5; i++) {
    const email = `user${i}@example.com`;
    await service.register(email);
    const { body: pair } = await service.login(email);
    const asked = await service.setEmail(pair.access, {
      new_email: 'victim@example.com',
      current_password: PASSWORD,
    });
    assert.equal(asked.status, 204);
  }
  for (let i = 0; i < 3; i++) assert.equal((await service.nextMail()).to, 'victim@example.com');
  await service.askReset('user4@example.com');
  assert.equal((await service.nextMail()).to, 'user4@example.com');
});
