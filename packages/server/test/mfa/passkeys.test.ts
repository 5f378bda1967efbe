/** Logins with a passkey: what one allows, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimsOf, PASSWORD, startService } from '../support/service.ts';
import { createAuthenticator } from './support/authenticator.ts';
import { ask, MINUTE } from './support/holder.ts';
import { addPasskey, SITE, startWithPasskey, WITH_SITE } from './support/key-holder.ts';

const refusal = ({ status, body }: { status: number; body: { code?: string } }) => [
  status,
  body?.code,
];
const NOT_VALID = [401, 'passkey_not_valid'];
const OVER = [401, 'challenge_not_valid'];

test('a passkey opens a session without a password, and `amr` in its tokens shows it', async (t) => {
  const { service, show, sessions } = await startWithPasskey(t);
  const before = (await sessions()).length;
  const shown = await show();
  assert.equal(shown.status, 200, shown.text);
  assert.deepEqual(Object.keys(shown.body), ['refresh', 'access']);
  const claims = claimsOf(shown.body.access);
  assert.deepEqual([claims['amr'], claims['auth_time']], [['pop', 'mfa'], claims['iat']]);
  assert.equal((await sessions()).length, before + 1);
  assert.equal((await service.me(shown.body.access)).body.email, 'alice@example.com');
});

test('MF06 another origin, domain, type, key or account, no user verification or a frame are refused alike', async (t) => {
  const { service, show, sessions } = await startWithPasskey(t);
  await service.register('bob@example.com');
  const bob = (await service.login('bob@example.com')).body;
  const { options } = await addPasskey(service, bob.access);
  const before = (await sessions()).length;
  const stranger = createAuthenticator(SITE);
  const texts = new Set<string>();
  for (const [name, lies] of Object.entries({
    'another origin': { origin: 'https://evil.example' },
    'an origin below it that is not listed': { origin: 'https://app.id.example.com' },
    'another domain': { rpId: 'evil.example' },
    'another challenge': { challenge: 'AAAA' },
    'a registration': { type: 'webauthn.create' },
    'in a frame of another origin': { crossOrigin: true },
    'user verification false': { isVerified: false },
    'user presence false': { isPresent: false },
    'a foreign user handle': { userHandle: options.user.id },
    'no user handle': { userHandle: null },
    'another key': { key: stranger.privateKey },
  })) {
    const answer = await show(lies);
    assert.deepEqual(refusal(answer), NOT_VALID, name);
    texts.add(answer.text);
  }
  assert.equal(texts.size, 1);
  assert.equal((await sessions()).length, before);
  assert.equal((await show()).status, 200);
});

test('MF06 a challenge allows one attempt: replayed, expired and foreign challenges are refused', async (t) => {
  const { service, key, pair, options, show } = await startWithPasskey(t);
  const log = (body: object) => service.post('/api/token/passkey', body);
  const first = await options();
  const shown = { challenge: first.challenge, credential: key.get(first.public_key) };
  assert.equal((await log(shown)).status, 200);
  assert.deepEqual(refusal(await log(shown)), OVER, 'replayed');
  const failed = await options();
  const bad = key.get(failed.public_key, { isVerified: false });
  assert.deepEqual(refusal(await log({ challenge: failed.challenge, credential: bad })), NOT_VALID);
  const good = key.get(failed.public_key);
  assert.deepEqual(refusal(await log({ challenge: failed.challenge, credential: good })), OVER);
  const garbled = await options();
  assert.deepEqual(
    refusal(await log({ challenge: garbled.challenge, credential: { id: 7 } })),
    NOT_VALID,
    'nothing of it is read before the challenge is used up',
  );
  const late = key.get(garbled.public_key);
  assert.deepEqual(refusal(await log({ challenge: garbled.challenge, credential: late })), OVER);
  const stale = await options();
  service.clock.advance(5 * MINUTE);
  const credential = key.get(stale.public_key);
  assert.deepEqual(refusal(await log({ challenge: stale.challenge, credential })), OVER);
  const own = await ask(service, 'POST', 'factors/passkeys/options', (await show()).body.access);
  assert.equal(own.status, 200, own.text);
  const other = { challenge: own.body.challenge, credential: key.get(own.body.public_key) };
  assert.deepEqual(refusal(await log(other)), OVER, 'of a registration');
  assert.deepEqual(refusal(await log({ ...other, challenge: pair.refresh })), OVER);
  assert.deepEqual(refusal(await log({ ...other, challenge: 'x' })), OVER);
});

test('MF06 a counter that does not grow is refused, and one that stays 0 is accepted', async (t) => {
  const { show, key } = await startWithPasskey(t);
  for (let i = 0; i < 2; i++) assert.equal((await show()).status, 200, '0 to 0');
  const use = async (counter: number) => {
    key.count(counter);
    return refusal(await show());
  };
  assert.deepEqual(await use(5), [200, undefined]);
  assert.deepEqual(await use(3), NOT_VALID);
  assert.deepEqual(await use(5), NOT_VALID);
  assert.deepEqual(await use(0), NOT_VALID);
  assert.deepEqual(await use(6), [200, undefined]);
});

test('with a passkey the password alone opens no session, and the passkey completes one login', async (t) => {
  const { service, key, options, show, sessions } = await startWithPasskey(t);
  await service.register('bob@example.com');
  const bob = await addPasskey(service, (await service.login('bob@example.com')).body.access);
  const before = (await sessions()).length;
  const refused = await service.login();
  assert.deepEqual(refusal(refused), [401, 'second_factor_required']);
  assert.deepEqual(refused.body.methods, ['passkey', 'recovery_code']);
  const begun = { challenge: refused.body.challenge };
  const asked = await options(begun);
  assert.deepEqual(
    asked.public_key.allowCredentials.map(({ id }: { id: string }) => id),
    [key.id],
  );
  const foreign = { challenge: asked.challenge, credential: bob.key.get(asked.public_key) };
  assert.deepEqual(refusal(await service.post('/api/token/passkey', foreign)), NOT_VALID);
  assert.equal((await sessions()).length, before);
  const shown = await show({ userHandle: null }, begun);
  assert.equal(shown.status, 200, shown.text);
  assert.deepEqual(claimsOf(shown.body.access)['amr'], ['pwd', 'pop', 'mfa']);
  const again = await service.post('/api/token/passkey/options', begun);
  assert.deepEqual(refusal(again), OVER, 'the login is complete');
  for (const challenge of ['AAAA', asked.challenge])
    assert.deepEqual(
      refusal(await service.post('/api/token/passkey/options', { challenge })),
      OVER,
    );
});

test('options reveal no account and store nothing', async (t) => {
  const { service, options } = await startWithPasskey(t);
  const { challenge, public_key } = await options();
  assert.deepEqual(public_key, {
    challenge,
    timeout: 300_000,
    rpId: 'id.example.com',
    allowCredentials: [],
    userVerification: 'required',
  });
  for (let i = 0; i < 20; i++) await options();
  const rows = await service.database.db.selectFrom('spent_challenges').selectAll().execute();
  assert.equal(rows.length, 1, 'that of the registration');
});

test('a disabled account, a removed passkey and an unknown one are refused alike', async (t) => {
  const { service, show, id, pair } = await startWithPasskey(t);
  const disable = (is_active: number) =>
    service.database.transaction(async (tx) => {
      await tx.db.updateTable('users').set({ is_active }).execute();
    });
  await disable(0);
  const disabled = await show();
  assert.deepEqual(refusal(disabled), NOT_VALID);
  await disable(1);
  assert.equal((await show()).status, 200);
  assert.equal((await ask(service, 'DELETE', `factors/${id}`, pair.access)).status, 204);
  assert.equal((await show()).text, disabled.text);
});

test('without a public URL with TLS and a domain there are no passkeys', async (t) => {
  for (const url of ['', 'http://id.example.com', 'https://192.0.2.7', 'http://127.0.0.1:8000']) {
    const service = await startService(t, { GATEPASS_PUBLIC_URL: url });
    const answer = await service.post('/api/token/passkey/options', {});
    assert.deepEqual(refusal(answer), [404, 'no_passkeys'], url);
  }
  const off = await startService(t, { ...WITH_SITE, GATEPASS_MFA: 'off' });
  const answer = await off.post('/api/token/passkey/options', {});
  assert.deepEqual(refusal(answer), [404, 'second_factors_off']);
});

test('domain and pages come from the settings, whatever the Host header', async (t) => {
  const { service, key, options } = await startWithPasskey(t, {
    GATEPASS_PASSKEY_DOMAIN: 'example.com',
    GATEPASS_COOKIE_ORIGINS: 'https://app.example.com,https://elsewhere.test',
    GATEPASS_PASSKEY_ORIGINS: 'https://shop.example.com',
  });
  const answer = await service.post('/api/token/passkey/options', {}, { host: 'evil.example' });
  assert.equal(answer.body.public_key.rpId, 'example.com');
  for (const [origin, status] of [
    ['https://app.example.com', 200],
    ['https://shop.example.com', 200],
    [SITE, 200],
    ['https://elsewhere.test', 401],
    ['https://other.example.com', 401],
  ] as const) {
    const { challenge, public_key } = await options();
    const credential = key.get(public_key, { origin });
    const shown = await service.post('/api/token/passkey', { challenge, credential });
    assert.equal(shown.status, status, origin);
  }
});

test('a body without a credential object is refused', async (t) => {
  const { service } = await startWithPasskey(t);
  const log = (body: object) => service.post('/api/token/passkey', body);
  assert.deepEqual((await log({})).body, {
    challenge: ['This field is required.'],
    credential: ['This field is required.'],
  });
  assert.deepEqual((await log({ challenge: 'x', credential: PASSWORD })).body, {
    credential: ['Expected a dictionary of items.'],
  });
});
