/** Adding and removing passkeys: the proof, the binding of a challenge, and the sessions that end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NEW_PASSWORD, startMailed } from '../recovery/support/mailed.ts';
import { type Answer, claimsOf, PASSWORD, type Service, startService } from '../support/service.ts';
import { createAuthenticator } from './support/authenticator.ts';
import { ask, enrol, MINUTE, type Pair } from './support/holder.ts';
import { addPasskey, SITE, startWithPasskey, WITH_SITE } from './support/key-holder.ts';

const INVALID = {
  credential: ['The passkey does not match this request; try again.'],
};

const begin = async (service: Service, access: string) => {
  const begun = await ask(service, 'POST', 'factors/passkeys/options', access);
  assert.equal(begun.status, 200, begun.text);
  return begun.body;
};
const add = (service: Service, access: string, body: object) =>
  ask(service, 'POST', 'factors/passkeys', access, body);
const listOf = async (service: Service, access: string) =>
  (await ask(service, 'GET', 'factors', access)).body;

test('the first passkey brings recovery codes, ends the other sessions and is listed as a factor', async (t) => {
  const service = await startService(t, WITH_SITE);
  await service.register();
  const other: Pair = (await service.login()).body;
  const own: Pair = (await service.login()).body;
  const { id, recoveryCodes, options } = await addPasskey(service, own.access, 'Laptop');
  assert.equal(recoveryCodes.length, 10);
  assert.deepEqual(
    { ...options, challenge: '', user: { ...options.user, id: '' } },
    {
      rp: { id: 'id.example.com', name: 'id.example.com' },
      user: { id: '', name: 'alice@example.com', displayName: 'alice@example.com' },
      challenge: '',
      pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: 'public-key', alg })),
      timeout: 300_000,
      excludeCredentials: [],
      authenticatorSelection: {
        residentKey: 'required',
        requireResidentKey: true,
        userVerification: 'required',
      },
      attestation: 'none',
    },
  );
  assert.equal(options.user.id.includes('alice'), false);
  assert.equal((await service.refresh(other.refresh)).status, 401);
  const kept = await service.refresh(own.refresh);
  assert.deepEqual(claimsOf(kept.body.access)['amr'], ['pop', 'mfa']);
  service.clock.advance(1);
  await enrol(service, kept.body.access, {});
  const second = await addPasskey(service, kept.body.access);
  assert.deepEqual(second.recoveryCodes, []);
  assert.equal(second.options.user.id, options.user.id, 'one account, one handle');
  assert.deepEqual(
    second.options.excludeCredentials.map(({ transports }: { transports: string[] }) => transports),
    [['internal', 'hybrid']],
  );
  const { factors, recovery_codes_left } = await listOf(service, kept.body.access);
  assert.deepEqual(
    factors.map(({ type, name }: Record<string, unknown>) => [type, name]),
    [
      ['totp', 'Authenticator app'],
      ['passkey', 'Laptop'],
      ['passkey', 'Passkey'],
    ],
  );
  assert.equal(recovery_codes_left, 10);
  assert.deepEqual((await service.login()).body.methods, ['totp', 'passkey', 'recovery_code']);
  for (const each of [second.id, factors[0].id, id])
    assert.equal((await ask(service, 'DELETE', `factors/${each}`, own.access)).status, 204);
  assert.deepEqual(await listOf(service, own.access), { factors: [], recovery_codes_left: 0 });
  assert.equal((await service.login()).status, 200);
});

test('adding a passkey requires the password ten minutes after the login', async (t) => {
  const service = await startService(t, { ...WITH_SITE, GATEPASS_ACCESS_TOKEN_LIFETIME: '1h' });
  await service.register();
  const { access }: Pair = (await service.login()).body;
  const { id } = await addPasskey(service, access);
  service.clock.advance(11 * MINUTE);
  for (const [method, path] of [
    ['POST', 'factors/passkeys/options'],
    ['DELETE', `factors/${id}`],
  ] as const) {
    const refused = await ask(service, method, path, access);
    assert.deepEqual([refused.status, refused.body.code], [403, 'reauthentication_required'], path);
  }
});

test('MF06 a challenge of a registration is of one account, one session and one attempt', async (t) => {
  const service = await startService(t, WITH_SITE);
  await service.register();
  await service.register('bob@example.com');
  const alice: Pair = (await service.login()).body;
  const elsewhere: Pair = (await service.login()).body;
  const bob: Pair = (await service.login('bob@example.com')).body;
  const key = createAuthenticator(SITE);
  const { challenge, public_key } = await begin(service, alice.access);
  const body = { challenge, credential: key.create(public_key) };
  const refused = (answer: Answer, why: string) =>
    assert.deepEqual([answer.status, answer.body], [400, INVALID], why);
  refused(await add(service, bob.access, body), 'another account');
  refused(await add(service, elsewhere.access, body), 'another session');
  const login = (await service.post('/api/token/passkey/options', {})).body;
  const ofLogin = {
    challenge: login.challenge,
    credential: key.create({ ...public_key, ...login }),
  };
  refused(await add(service, alice.access, ofLogin), 'the challenge of a login');
  for (const [why, lies] of Object.entries({
    'another origin': { origin: 'https://evil.example' },
    'user verification false': { isVerified: false },
    'another domain': { rpId: 'evil.example' },
    'another challenge': { challenge: 'AAAA' },
    'a login': { type: 'webauthn.get' },
    'in a frame': { crossOrigin: true },
  })) {
    const begun = await begin(service, alice.access);
    const shown = (told: object) => ({
      challenge: begun.challenge,
      credential: key.create(begun.public_key, told),
    });
    refused(await add(service, alice.access, shown(lies)), why);
    refused(await add(service, alice.access, shown({})), `${why}, then a good one`);
  }
  assert.equal((await add(service, alice.access, body)).status, 201);
  refused(await add(service, alice.access, body), 'replayed');
  const again = await begin(service, alice.access);
  const known = { challenge: again.challenge, credential: key.create(again.public_key) };
  refused(await add(service, alice.access, known), 'the same passkey');
  const stale = await begin(service, alice.access);
  service.clock.advance(5 * MINUTE);
  const { access }: Pair = (await service.refresh(alice.refresh)).body;
  const late = createAuthenticator(SITE).create(stale.public_key);
  refused(await add(service, access, { challenge: stale.challenge, credential: late }), 'expired');
  assert.equal((await listOf(service, access)).factors.length, 1);
});

test('an account has at most 20 passkeys, even if they are added at once', async (t) => {
  const service = await startService(t, WITH_SITE);
  await service.register();
  const { access }: Pair = (await service.login()).body;
  for (let i = 0; i < 18; i++) await addPasskey(service, access);
  const begun = await Promise.all(Array.from({ length: 5 }, () => begin(service, access)));
  const answers = await Promise.all(
    begun.map(({ challenge, public_key }) =>
      add(service, access, {
        challenge,
        credential: createAuthenticator(SITE).create(public_key),
      }),
    ),
  );
  const statuses = answers.map(({ status }) => status).toSorted();
  assert.deepEqual(statuses, [201, 201, 403, 403, 403]);
  const refused = await ask(service, 'POST', 'factors/passkeys/options', access);
  assert.deepEqual([refused.status, refused.body.code], [403, 'too_many_factors']);
});

test('a credential id has at most 1,023 bytes, and no client text causes a 500', async (t) => {
  const service = await startService(t, WITH_SITE);
  await service.register();
  const { access }: Pair = (await service.login()).body;
  for (const [length, status] of [
    [1023, 201],
    [1024, 400],
    [2500, 400],
  ] as const) {
    const key = createAuthenticator(SITE, length);
    key.count(2 ** 32 - 2);
    const { challenge, public_key } = await begin(service, access);
    const body = { challenge, credential: key.create(public_key), name: 'N'.repeat(100) };
    assert.equal((await add(service, access, body)).status, status, String(length));
    const asked = (await service.post('/api/token/passkey/options', {})).body;
    key.count(2 ** 32 - 1);
    const shown = { challenge: asked.challenge, credential: key.get(asked.public_key) };
    const expected = status === 201 ? 200 : 401;
    assert.equal((await service.post('/api/token/passkey', shown)).status, expected);
  }
  for (const id of ['\u0000', '\ud800', 'x'.repeat(5000)]) {
    const asked = (await service.post('/api/token/passkey/options', {})).body;
    const good = createAuthenticator(SITE);
    good.create({ challenge: '', rp: {}, user: { id: 'x' } });
    const credential = { ...good.get(asked.public_key), id, rawId: id };
    const refused = await service.post('/api/token/passkey', {
      challenge: asked.challenge,
      credential,
    });
    assert.equal(refused.status, 401, JSON.stringify(id).slice(0, 20));
  }
});

test("another account's passkey is 404", async (t) => {
  const { service, id, show } = await startWithPasskey(t);
  await service.register('bob@example.com');
  const { access }: Pair = (await service.login('bob@example.com')).body;
  assert.equal((await ask(service, 'DELETE', `factors/${id}`, access)).status, 404);
  assert.equal((await show()).status, 200);
});

test('a passkey satisfies the requirement of a factor, and a deleted account leaves none', async (t) => {
  const { service, show } = await startWithPasskey(t, {
    GATEPASS_MFA: 'required',
    GATEPASS_MFA_GRACE: '1h',
  });
  service.clock.advance(60 * MINUTE);
  const shown = await show();
  assert.equal(shown.status, 200, shown.text);
  assert.equal((await service.login()).body.code, 'second_factor_required');
  await service.database.transaction(async (tx) => {
    await tx.db.deleteFrom('users').execute();
  });
  assert.deepEqual(await service.database.db.selectFrom('passkeys').selectAll().execute(), []);
});

test('a password reset removes no passkey; adding and removing one is audited and mailed', async (t) => {
  const service = await startMailed(t, {
    ...WITH_SITE,
    GATEPASS_MAIL_NOTICES: 'factor_added,factor_removed',
  });
  await service.register();
  const { access }: Pair = (await service.login()).body;
  const refused = await ask(service, 'POST', 'factors/passkeys/options', access);
  assert.deepEqual([refused.status, refused.body.code], [403, 'email_unproved']);
  const { db } = service.database;
  await db.updateTable('users').set({ email_verified_at: service.clock.now() }).execute();
  const { key, id } = await addPasskey(service, access);
  assert.match((await service.nextMail()).subject, /second factor was added/);
  await service.askReset();
  const { uid, token } = await service.nextMail();
  const done = await service.reset({ uid, token, new_password: NEW_PASSWORD });
  assert.equal(done.status, 204, done.text);
  const { challenge, public_key } = (await service.post('/api/token/passkey/options', {})).body;
  const body = { challenge, credential: key.get(public_key) };
  const pair: Pair = (await service.post('/api/token/passkey', body)).body;
  assert.equal((await ask(service, 'DELETE', `factors/${id}`, pair.access)).status, 204);
  assert.match((await service.nextMail()).subject, /second factor was removed/);
  const events = (await db.selectFrom('audit_events').select('event').execute()).map(
    ({ event }) => event,
  );
  for (const event of ['factor.add', 'factor.remove'])
    assert.equal(events.filter((each) => each === event).length, 1, event);
  assert.equal((await service.login('alice@example.com', PASSWORD)).status, 401);
});
