/** `@gatepass/client/passkeys` against the real service, with a browser made of a software authenticator. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createAuthenticator } from '../../server/test/mfa/support/authenticator.ts';
import { MINUTE } from '../../server/test/mfa/support/holder.ts';
import { SITE, WITH_SITE } from '../../server/test/mfa/support/key-holder.ts';
import { listFactors, logIn, renewRecoveryCodes } from '../src/mfa.ts';
import {
  addPasskey,
  arePasskeysSupported,
  confirmWithPasskey,
  isAutofillSupported,
  loginWithPasskey,
} from '../src/passkeys.ts';
import { createDevice, EMAIL, PASSWORD, startWithAlice } from './support/device.ts';
import { setGlobals } from './support/page.ts';

type Asked = { readonly publicKey: Record<string, unknown>; readonly mediation?: string } & {
  readonly signal?: AbortSignal;
};

const text = (bytes: unknown) => Buffer.from(bytes as Uint8Array).toString('base64url');
const bytes = (value = '') => Uint8Array.from(Buffer.from(value, 'base64url')).buffer;

/** `navigator.credentials` as a page has it: bytes in, bytes out. */
function openBrowser(t: TestContext) {
  const key = createAuthenticator(SITE);
  const asked: Asked[] = [];
  let failure: Error | undefined;
  const isFree = () => {
    if (failure) throw failure;
  };
  const toBytes = (response: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(response).map(([name, value]) => [
        name,
        typeof value === 'string' ? bytes(value) : value,
      ]),
    );
  const credentials = {
    async create(options: Asked) {
      asked.push(options);
      isFree();
      const { challenge, rp, user } = options.publicKey as {
        challenge: unknown;
        rp: { id: string };
        user: { id: unknown };
      };
      const made = key.create({ challenge: text(challenge), rp, user: { id: text(user.id) } });
      const { transports, ...response } = made.response;
      return {
        ...made,
        response: { ...toBytes(response), getTransports: () => transports },
      };
    },
    async get(options: Asked) {
      asked.push(options);
      isFree();
      const { challenge, rpId } = options.publicKey as { challenge: unknown; rpId: string };
      if (options.mediation === 'conditional' && asked.length < 3) {
        const { signal } = options;
        await new Promise((resolve) => signal?.addEventListener('abort', resolve));
        throw new DOMException('', 'AbortError');
      }
      const shown = key.get({ challenge: text(challenge), rpId });
      return { ...shown, response: toBytes(shown.response) };
    },
  };
  setGlobals(t, {
    navigator: { value: { credentials } },
    PublicKeyCredential: { value: { isConditionalMediationAvailable: async () => true } },
  });
  return {
    asked,
    fail(name: string) {
      failure = new DOMException('', name);
    },
  };
}

test('a passkey is added, logs in without a password and as a second factor, and confirms', async (t) => {
  const lifetime = { GATEPASS_ACCESS_TOKEN_LIFETIME: '1h' };
  const service = await startWithAlice(t, { ...WITH_SITE, ...lifetime });
  openBrowser(t);
  assert.equal(arePasskeysSupported(), true);
  const { client, changes } = createDevice(t, service);
  await client.login(EMAIL, PASSWORD);
  const { id, recovery_codes } = await addPasskey(client, { name: 'Laptop' });
  assert.equal(recovery_codes.length, 10);
  assert.deepEqual(
    (await listFactors(client)).factors.map((factor) => [factor.id, factor.name]),
    [[id, 'Laptop']],
  );
  await client.logout();
  await loginWithPasskey(client);
  assert.equal((await client.user()).email, EMAIL);
  service.clock.advance(11 * MINUTE);
  await assert.rejects(renewRecoveryCodes(client), { reason: 'reauthentication_required' });
  await confirmWithPasskey(client);
  assert.equal((await renewRecoveryCodes(client)).length, 10);
  await client.logout();
  const pending = await logIn(client, EMAIL, PASSWORD);
  assert.ok(pending);
  await loginWithPasskey(client, { pending });
  assert.deepEqual(changes, ['login', 'logout', 'login', 'logout', 'login']);
});

for (const [name, code] of [
  ['NotAllowedError', 'cancelled'],
  ['AbortError', 'cancelled'],
  ['InvalidStateError', 'already_registered'],
  ['NotSupportedError', 'unsupported'],
  ['SecurityError', 'failed'],
] as const)
  test(`a browser's ${name} is ${code}`, async (t) => {
    const service = await startWithAlice(t, WITH_SITE);
    const { client } = createDevice(t, service);
    await client.login(EMAIL, PASSWORD);
    openBrowser(t).fail(name);
    const expected = { name: 'PasskeyError', code, message: `Passkey: ${code}` };
    await assert.rejects(addPasskey(client), expected);
    await assert.rejects(loginWithPasskey(client), expected);
    assert.equal(client.isLoggedIn, true, 'the login that was there stays');
  });

test('without a browser, or passkeys at the service, the error says so', async (t) => {
  const service = await startWithAlice(t);
  const { client, wire } = createDevice(t, service);
  await client.login(EMAIL, PASSWORD);
  const sent = wire.sent.length;
  assert.deepEqual([arePasskeysSupported(), await isAutofillSupported()], [false, false]);
  for (const attempt of [addPasskey, loginWithPasskey, confirmWithPasskey])
    await assert.rejects(attempt(client), { name: 'PasskeyError', code: 'unsupported' });
  assert.equal(wire.sent.length, sent);
  openBrowser(t);
  await assert.rejects(addPasskey(client), { code: 'unexpected', reason: 'no_passkeys' });
});

test('autofill renews its challenge before it expires, and ends when aborted', async (t) => {
  const service = await startWithAlice(t, WITH_SITE);
  const { client } = createDevice(t, service);
  const { asked } = openBrowser(t);
  await client.login(EMAIL, PASSWORD);
  await addPasskey(client);
  await client.logout();
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const login = loginWithPasskey(client, { autofill: true });
  const waiting = async (count: number) => {
    while (asked.length < count) await new Promise((resolve) => setImmediate(resolve));
  };
  await waiting(2);
  t.mock.timers.tick(4 * MINUTE);
  await login;
  assert.equal(client.isLoggedIn, true);
  const challenges = asked.slice(1).map(({ publicKey }) => text(publicKey['challenge']));
  assert.equal(new Set(challenges).size, 2);
  const controller = new AbortController();
  asked.length = 0;
  const aborted = loginWithPasskey(client, { autofill: true, signal: controller.signal });
  await waiting(1);
  controller.abort();
  await assert.rejects(aborted, { code: 'cancelled' });
});
