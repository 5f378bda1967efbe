/** An intruder with the password adds a passkey and changes the address: the undo takes back both. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { linkOf, startMailed } from '../recovery/support/mailed.ts';
import { rows } from '../support/audit.ts';
import { PASSWORD, type Service } from '../support/service.ts';
import type { Authenticator } from './support/authenticator.ts';
import { ask, codeAt, enrol, MINUTE, type Pair, STEP } from './support/holder.ts';
import { addPasskey, WITH_SITE } from './support/key-holder.ts';

const DAY = 24 * 60 * MINUTE;

async function startProved(t: TestContext) {
  const service = await startMailed(t, {
    ...WITH_SITE,
    GATEPASS_MAIL_NOTICES: 'email_changed,factor_removed',
  });
  await service.register();
  const { db } = service.database;
  await db.updateTable('users').set({ email_verified_at: service.clock.now() }).execute();
  return service;
}

async function byPasskey(service: Service, key: Authenticator) {
  const { challenge, public_key } = (await service.post('/api/token/passkey/options', {})).body;
  return service.post('/api/token/passkey', { challenge, credential: key.get(public_key) });
}

/** @returns the link with which the old mailbox undoes the change */
async function changeAddress(
  service: Awaited<ReturnType<typeof startProved>>,
  { access }: Pair,
  proof: object,
) {
  const asked = { new_email: 'thief@example.com', current_password: PASSWORD, ...proof };
  const accepted = await service.setEmail(access, asked);
  assert.equal(accepted.status, 204, accepted.text);
  const confirmed = await service.confirmEmail(linkOf(await service.nextMail()));
  assert.equal(confirmed.status, 204, confirmed.text);
  return linkOf(await service.nextMail());
}

const passkeyProof = async (service: Service, { access }: Pair, key: Authenticator) => {
  const { challenge, public_key } = (await ask(service, 'POST', 'confirm/options', access)).body;
  return { passkey: { challenge, credential: key.get(public_key) } };
};

test('AR24: the undo removes a passkey from before the change and one from after it; the password alone logs in', async (t) => {
  const service = await startProved(t);
  const thief: Pair = (await service.login()).body;
  const first = await addPasskey(service, thief.access);
  service.clock.advance(MINUTE);
  const undo = await changeAddress(service, thief, await passkeyProof(service, thief, first.key));
  const second = await addPasskey(service, thief.access);
  assert.equal((await byPasskey(service, second.key)).status, 200);
  assert.equal((await service.undoEmail(undo)).status, 204);
  const notice = await service.nextMail();
  assert.match(notice.subject, /second factor was removed/);
  assert.equal(notice.to, 'alice@example.com');
  for (const { key } of [first, second])
    assert.equal((await byPasskey(service, key)).body.code, 'passkey_not_valid');
  assert.equal((await service.login()).status, 200);
  const left = await service.database.db.selectFrom('recovery_codes').selectAll().execute();
  assert.deepEqual(left, []);
  const events = (await rows(service)).map(({ event }) => event);
  assert.equal(events.filter((event) => event === 'factor.remove').length, 1);
});

test('the undo leaves factors and recovery codes that are older than a day before the change', async (t) => {
  const service = await startProved(t);
  const own: Pair = (await service.login()).body;
  const { secret, recoveryCodes } = await enrol(service, own.access);
  service.clock.advance(DAY + STEP);
  const code = codeAt(secret, service.clock.now());
  const pair: Pair = (
    await service.post('/api/token', { email: 'alice@example.com', password: PASSWORD, code })
  ).body;
  const { key } = await addPasskey(service, pair.access);
  service.clock.advance(MINUTE);
  const undo = await changeAddress(service, pair, await passkeyProof(service, pair, key));
  assert.equal((await service.undoEmail(undo)).status, 204);
  assert.equal((await byPasskey(service, key)).body.code, 'passkey_not_valid');
  const refused = (await service.login()).body;
  assert.deepEqual(
    [refused.code, refused.methods],
    ['second_factor_required', ['totp', 'recovery_code']],
  );
  const [recovery] = recoveryCodes;
  const login = { email: 'alice@example.com', password: PASSWORD, code: recovery };
  assert.equal((await service.post('/api/token', login)).status, 200);
});

test('the undo deletes recovery codes renewed by the intruder and keeps the owner’s app', async (t) => {
  const service = await startProved(t);
  const own: Pair = (await service.login()).body;
  const { secret } = await enrol(service, own.access);
  service.clock.advance(2 * DAY);
  const code = codeAt(secret, service.clock.now());
  const body = { email: 'alice@example.com', password: PASSWORD, code };
  const thief: Pair = (await service.post('/api/token', body)).body;
  const renewed = await ask(service, 'POST', 'factors/recovery_codes', thief.access);
  assert.equal(renewed.status, 200, renewed.text);
  service.clock.advance(STEP);
  const proof = { code: codeAt(secret, service.clock.now()) };
  const undo = await changeAddress(service, thief, proof);
  assert.equal((await service.undoEmail(undo)).status, 204);
  assert.deepEqual((await service.login()).body.methods, ['totp']);
});
