/** A passkey as the proof of a logged-in caller: alone, or in place of a code. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { failures } from '../support/audit.ts';
import { claimsOf, PASSWORD } from '../support/service.ts';
import type { Lies } from './support/authenticator.ts';
import { ask, MINUTE, type Pair } from './support/holder.ts';
import { addPasskey, startWithPasskey } from './support/key-holder.ts';

const INVALID = { passkey: ['The passkey does not match this request; try again.'] };

/** A session of a passkey login that is older than ten minutes. */
async function startStale(t: TestContext) {
  const held = await startWithPasskey(t, { GATEPASS_ACCESS_TOKEN_LIFETIME: '1h' });
  const { service, key, show } = held;
  const { access }: Pair = (await show()).body;
  service.clock.advance(11 * MINUTE);
  return {
    ...held,
    access,
    async asked(token = access) {
      const answer = await ask(service, 'POST', 'confirm/options', token);
      assert.equal(answer.status, 200, answer.text);
      return answer.body;
    },
    async passkey(lies: Lies = {}) {
      const { challenge, public_key } = await this.asked();
      return { challenge, credential: key.get(public_key, lies) };
    },
    confirm: (body: object, token = access) => ask(service, 'POST', 'confirm', token, body),
  };
}

test('a passkey alone makes a session fresh for ten minutes, without the password', async (t) => {
  const held = await startStale(t);
  const { service, access, key } = held;
  const renew = (token: string) => ask(service, 'POST', 'factors/recovery_codes', token);
  assert.equal((await renew(access)).body.code, 'reauthentication_required');
  const { public_key } = await held.asked();
  assert.deepEqual(
    public_key.allowCredentials.map(({ id }: { id: string }) => id),
    [key.id],
  );
  const confirmed = await held.confirm({ passkey: await held.passkey() });
  assert.equal(confirmed.status, 200, confirmed.text);
  const claims = claimsOf(confirmed.body.access);
  assert.deepEqual([claims['amr'], claims['auth_time']], [['pop', 'mfa'], claims['iat']]);
  assert.equal((await renew(confirmed.body.access)).status, 200);
  assert.deepEqual((await held.confirm({})).body, {
    current_password: ['This field is required.'],
  });
});

test('beside the password a passkey replaces the code at a step-up, a new password and a deletion', async (t) => {
  const held = await startStale(t);
  const { service } = held;
  const current_password = PASSWORD;
  assert.deepEqual((await held.confirm({ current_password })).body, {
    code: ['This field is required.'],
  });
  const confirmed = await held.confirm({ current_password, passkey: await held.passkey() });
  assert.deepEqual(claimsOf(confirmed.body.access)['amr'], ['pwd', 'pop', 'mfa']);
  const end = await service.send('/api/sessions?scope=others', {
    method: 'DELETE',
    headers: { authorization: `Bearer ${held.access}`, 'content-type': 'application/json' },
    body: JSON.stringify({ current_password, passkey: await held.passkey() }),
  });
  assert.equal(end.status, 204, end.text);
  const new_password = 'granite otter parade 41';
  const body = { current_password, new_password, passkey: await held.passkey() };
  const changed = await ask(service, 'POST', 'password', held.access, body);
  assert.equal(changed.status, 200, changed.text);
  const { access }: Pair = changed.body;
  assert.deepEqual(claimsOf(access)['amr'], ['pwd', 'pop', 'mfa']);
  const { challenge, public_key } = await held.asked(access);
  const passkey = { challenge, credential: held.key.get(public_key) };
  const me = await service.send('/api/users/me', {
    method: 'DELETE',
    headers: { authorization: `Bearer ${access}`, 'content-type': 'application/json' },
    body: JSON.stringify({ current_password: new_password, passkey }),
  });
  assert.equal(me.status, 204, me.text);
});

test('MF06 the challenge of a step-up is for one session and one attempt, and accepts no other passkey', async (t) => {
  const held = await startStale(t);
  const { service, key } = held;
  const refused = async (passkey: object, why: string) => {
    const answer = await held.confirm({ passkey });
    assert.deepEqual([answer.status, answer.body], [400, INVALID], why);
  };
  const good = await held.passkey();
  assert.equal((await held.confirm({ passkey: good })).status, 200);
  await refused(good, 'replayed');
  for (const lies of [{ isVerified: false }, { origin: 'https://evil.example' }]) {
    await refused(await held.passkey(lies), JSON.stringify(lies));
  }
  key.count(5);
  assert.equal((await held.confirm({ passkey: await held.passkey() })).status, 200);
  key.count(3);
  await refused(await held.passkey(), 'counter 5 to 3');
  key.count(6);
  const other: Pair = (await held.show()).body;
  key.count(7);
  const elsewhere = await held.asked(other.access);
  const shown = { challenge: elsewhere.challenge, credential: key.get(elsewhere.public_key) };
  await refused(shown, 'of another session');
  const login = await held.options();
  await refused({ ...login, credential: key.get(login.public_key) }, 'of a login');
  await service.register('bob@example.com');
  const bob = await addPasskey(service, (await service.login('bob@example.com')).body.access);
  const asked = await held.asked();
  await refused(
    { challenge: asked.challenge, credential: bob.key.get(asked.public_key) },
    'the passkey of another account',
  );
  for (const passkey of [{}, { challenge: 7 }, { challenge: asked.challenge }])
    await refused(passkey, JSON.stringify(passkey));
  const text = await held.confirm({ passkey: 'x' });
  assert.deepEqual(text.body, { passkey: ['Expected a dictionary of items.'] });
});

test('a refused passkey at a step-up is in the audit log, also after the right password', async (t) => {
  const held = await startStale(t);
  const { user_id } = (await held.sessions())[0] ?? {};
  await held.confirm({ passkey: await held.passkey({ isVerified: false }) });
  await held.confirm({
    current_password: PASSWORD,
    passkey: await held.passkey({ origin: 'https://evil.example' }),
  });
  held.key.count(5);
  assert.equal((await held.confirm({ passkey: await held.passkey() })).status, 200);
  held.key.count(3);
  await held.confirm({ passkey: await held.passkey() });
  const noted = await failures(held.service, 3);
  assert.deepEqual(
    noted.map(({ user_id, details }) => [user_id, details]),
    Array(3).fill([user_id, '{"reason":"wrong_passkey"}']),
  );
});
