/** Limits of passkeys: they are separate, so that they block no password. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createJanitor } from '../../src/database/janitor.ts';
import { createPasskeyFeature } from '../../src/mfa/feature.ts';
import { newSharedDatabase } from '../support/databases.ts';
import { startService } from '../support/service.ts';
import { timersOf } from '../support/timers.ts';
import type { Lies } from './support/authenticator.ts';
import { ask, MINUTE, type Pair } from './support/holder.ts';
import { startWithPasskey } from './support/key-holder.ts';

const LIMITED = { GATEPASS_RATE_LIMITS: 'on', GATEPASS_LIMITS: 'passkey-network=5/15m' };

test('wrong and replayed passkeys of a network lead to 429, and passwords are still checked', async (t) => {
  const { service, show, options, key } = await startWithPasskey(t, LIMITED);
  for (let i = 0; i < 7; i++) assert.equal((await show()).status, 200, 'right ones do not count');
  const { challenge, public_key } = await options();
  const body = { challenge, credential: key.get(public_key, { isVerified: false }) };
  for (let i = 0; i < 5; i++)
    assert.equal((await service.post('/api/token/passkey', body)).status, 401);
  const refused = await show();
  assert.equal(refused.status, 429, refused.text);
  assert.match(String(refused.headers.get('ratelimit-policy')), /^"passkey-network";q=5;w=900$/);
  assert.equal((await service.login()).body.code, 'second_factor_required');
  const marks = () => service.database.db.selectFrom('spent_challenges').selectAll().execute();
  const before = await marks();
  assert.equal((await show()).status, 429);
  assert.deepEqual(await marks(), before, 'what is refused is not stored');
  service.clock.advance(15 * MINUTE);
  assert.equal((await show()).status, 200);
});

test('wrong passkeys of one machine do not block second factors and step-ups of other accounts in its network', async (t) => {
  const { service, key, pair, show, options } = await startWithPasskey(t, LIMITED);
  await service.register('bob@example.com');
  const bob: Pair = (await service.login('bob@example.com')).body;
  const afterPassword = async () => {
    const { challenge } = (await service.login()).body;
    return show({}, { challenge });
  };
  const confirm = async (access: string, lies: Lies = {}) => {
    const { challenge, public_key } = (await ask(service, 'POST', 'confirm/options', access)).body;
    const passkey = { challenge, credential: key.get(public_key, lies) };
    return ask(service, 'POST', 'confirm', access, { passkey });
  };
  const { challenge, public_key } = await options();
  const body = { challenge, credential: key.get(public_key, { isVerified: false }) };
  for (let i = 0; i < 5; i++)
    assert.equal((await service.post('/api/token/passkey', body)).status, 401);
  assert.equal((await show()).status, 429, 'it names no account');
  assert.equal((await afterPassword()).status, 200);
  assert.equal((await confirm(pair.access)).status, 200);

  for (let i = 0; i < 5; i++) assert.equal((await confirm(bob.access)).status, 400);
  assert.equal((await confirm(bob.access)).status, 429, 'an account has a limit too');
  assert.equal((await confirm(pair.access)).status, 200);
  for (let i = 0; i < 5; i++)
    assert.equal((await confirm(pair.access, { isVerified: false })).status, 400);
  assert.equal((await afterPassword()).status, 429, 'of all that names it');
});

test('an account may open 300 sessions by passkey an hour', async (t) => {
  const { show } = await startWithPasskey(t, {
    GATEPASS_RATE_LIMITS: 'on',
    GATEPASS_LIMITS: 'passkey-account=3/1h',
  });
  for (let i = 0; i < 3; i++) assert.equal((await show()).status, 200);
  const refused = await show();
  assert.equal(refused.status, 429);
  assert.match(String(refused.headers.get('ratelimit-policy')), /^"passkey-account"/);
});

test('changes of passkeys count like those of other factors', async (t) => {
  const { service, pair } = await startWithPasskey(t, {
    GATEPASS_RATE_LIMITS: 'on',
    GATEPASS_LIMITS: 'factor-change=2/1h',
  });
  const begin = () => ask(service, 'POST', 'factors/passkeys/options', pair.access);
  const body = { challenge: 'x', credential: {} };
  const add = () => ask(service, 'POST', 'factors/passkeys', pair.access, body);
  assert.deepEqual([(await begin()).status, (await add()).status], [200, 400]);
  assert.deepEqual([(await begin()).status, (await add()).status], [429, 429]);
});

test('MF06 one challenge or counter used at two servers at once opens one session', async (t) => {
  const url = { GATEPASS_DATABASE_URL: await newSharedDatabase(t) };
  const { service, key, options, sessions } = await startWithPasskey(t, url);
  const { clock, config } = service;
  const other = await startService(t, { ...url, GATEPASS_PUBLIC_URL: config.publicUrl }, { clock });
  const statusesOf = async (bodies: readonly object[]) => {
    const answers = await Promise.all(
      bodies.map((body, i) => (i % 2 ? service : other).post('/api/token/passkey', body)),
    );
    return answers.map(({ status }) => status).toSorted();
  };
  const one = [200, ...Array(9).fill(401)];
  for (let round = 1; round <= 5; round++) {
    const before = (await sessions()).length;
    key.count(0);
    const asked = await Promise.all(Array.from({ length: 10 }, () => options()));
    const [{ challenge, public_key }] = asked;
    if (round === 1) {
      const body = { challenge, credential: key.get(public_key) };
      assert.deepEqual(await statusesOf(Array(10).fill(body)), one, 'one challenge');
      assert.equal((await sessions()).length, before + 1);
      continue;
    }
    key.count(round);
    const bodies = asked.map((each) => ({
      challenge: each.challenge,
      credential: key.get(each.public_key),
    }));
    assert.deepEqual(await statusesOf(bodies), one, `counter ${round}`);
    assert.equal((await sessions()).length, before + 1);
  }
});

test('marks of challenges are deleted an hour after they have expired', async (t) => {
  const { service, show } = await startWithPasskey(t);
  await show();
  const { config, database, clock } = service;
  const { part } = createPasskeyFeature({ config, database, clock }, () => new Uint8Array(32));
  const janitor = createJanitor({
    ...{ purges: part.purges ?? [], transaction: database.transaction, clock },
    timers: timersOf(clock),
    onError: assert.ifError,
  });
  clock.advance(65 * MINUTE);
  assert.equal(await janitor.sweep(), 0);
  clock.advance(1);
  assert.equal(await janitor.sweep(), 2);
});
