/** Whole stories through the client SDK, as an application would live them, in both modes. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { changePassword, endSession, listSessions } from '../../client/src/account.ts';
import { createClient, GatepassError } from '../../client/src/index.ts';
import { accountsOf } from './security/support/accounts.ts';
import { DAY, MINUTE, ROTATING, STRICT } from './sessions/support/holder.ts';
import { PASSWORD, type Service, startService } from './support/service.ts';

const EMAIL = 'alice@example.com';
const NEW_PASSWORD = 'granite otter parade 41';
const MODES = [
  ['rotating', ROTATING],
  ['not rotating', STRICT],
] as const;

type Device = ReturnType<typeof createClient>;

function createDevices(t: TestContext, { url, clock }: Service) {
  return (options: { fetch?: typeof fetch } = {}): Device => {
    const client = createClient({ url, now: clock.now, ...options });
    t.after(client.close);
    return client;
  };
}

const opens = async (device: Device) => (await device.fetch('/api/users/me')).status === 200;
const refusedWith = (code: string) => (error: unknown) =>
  error instanceof GatepassError && error.code === code;

for (const [mode, variables] of MODES) {
  test(`of two devices logged in for a day, one logs the other out (${mode})`, async (t) => {
    const service = await startService(t, variables);
    const newDevice = createDevices(t, service);
    const [phone, laptop] = [newDevice(), newDevice()];
    assert.equal((await phone.register(EMAIL, PASSWORD)).email, EMAIL);
    await phone.login(EMAIL, PASSWORD);
    await laptop.login(EMAIL, PASSWORD);

    for (let hour = 0; hour < 23; hour++) {
      service.clock.advance(60 * MINUTE);
      assert.ok(await opens(phone), `phone after ${hour + 1} h`);
    }
    assert.ok(await opens(laptop), 'the laptop slept and is logged in');

    const others = (await listSessions(phone)).filter(({ current }) => !current);
    assert.equal(others.length, 1);
    assert.equal(await endSession(phone, others[0]?.id ?? ''), true);
    await assert.rejects(laptop.user(), refusedWith('session_ended'));
    assert.equal(laptop.isLoggedIn, false);

    await phone.logout();
    await assert.rejects(opens(phone), refusedWith('not_logged_in'));
    assert.deepEqual(
      await service.database.db
        .selectFrom('sessions')
        .select('ended_at')
        .where('ended_at', 'is', null)
        .execute(),
      [],
    );
  });

  test(`a changed password logs out all other devices and no other account (${mode})`, async (t) => {
    const service = await startService(t, variables);
    const newDevice = createDevices(t, service);
    const [phone, laptop] = [newDevice(), newDevice()];
    await phone.register(EMAIL, PASSWORD);
    await phone.login(EMAIL, PASSWORD);
    await laptop.login(EMAIL, PASSWORD);
    await changePassword(phone, PASSWORD, NEW_PASSWORD);
    assert.ok(await opens(phone));
    await assert.rejects(laptop.user(), refusedWith('session_ended'));
    await assert.rejects(laptop.login(EMAIL, PASSWORD), refusedWith('invalid_credentials'));
    await laptop.login(EMAIL, NEW_PASSWORD);
    assert.ok(await opens(laptop));
  });

  test(`a disabled account is refused at its next request, and an enabled one logs in again (${mode})`, async (t) => {
    const service = await startService(t, variables);
    const phone = createDevices(t, service)();
    await phone.register(EMAIL, PASSWORD);
    await phone.login(EMAIL, PASSWORD);
    const alice = await accountsOf(service);
    await alice.disable();
    await assert.rejects(phone.user(), refusedWith('session_ended'));
    await assert.rejects(phone.login(EMAIL, PASSWORD), refusedWith('invalid_credentials'));
    await alice.enable();
    await phone.login(EMAIL, PASSWORD);
    assert.ok(await opens(phone));
  });

  test(`a client that loses every other response for two days stays logged in (${mode})`, async (t) => {
    const service = await startService(t, {
      ...variables,
      GATEPASS_REFRESH_TOKEN_LIFETIME: '14d',
    });
    let requests = 0;
    const unsteady: typeof fetch = async (input, init) => {
      const answer = await fetch(input, init);
      requests++;
      if (requests % 2 === 0) throw new TypeError('the answer is lost');
      return answer;
    };
    const phone = createDevices(t, service)({ fetch: unsteady });
    await service.register(EMAIL);
    await phone.login(EMAIL, PASSWORD).catch(() => phone.login(EMAIL, PASSWORD));
    for (let step = 0; step < 2 * 4; step++) {
      service.clock.advance(DAY / 4);
      // What the application itself asks is lost too; it asks again.
      const user = await phone.user().catch(() => phone.user());
      assert.equal(user.email, EMAIL);
    }
    assert.ok(phone.isLoggedIn);
  });
}
