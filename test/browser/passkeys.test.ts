/** MF06 in a real browser, with its virtual authenticator: the SDK in pages of other origins than the service's. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startService } from '../support/service.ts';
import { ACCOUNT } from './browser.ts';
import { noChromium, openContext } from './chromium.ts';
import { openPage, type Page, startPages } from './passkey-page.ts';

/** A service, a listed page of another origin, and one that may read its responses and nothing else. */
async function startAll(t: TestContext) {
  const stack = new AsyncDisposableStack();
  t.after(() => stack.disposeAsync());
  const [listed, unlisted] = [await startPages(stack), await startPages(stack)];
  const { app, stop } = await startService({
    GATEPASS_PUBLIC_URL: 'http://localhost',
    GATEPASS_COOKIE_ORIGINS: listed,
    GATEPASS_CORS_ORIGINS: `${listed},${unlisted}`,
  });
  stack.defer(stop);
  const url = app.listeningOrigin.replace('127.0.0.1', 'localhost');
  const browser = stack.use(await openContext());
  return { url, listed, unlisted, browser };
}

test('MF06 a page of a listed origin adds a passkey, logs in with it, confirms, and removes it', {
  skip: noChromium,
}, async (t) => {
  const { url, listed, browser } = await startAll(t);
  const { page, verify, credentials } = await openPage(browser, listed, { url, storage: 'cookie' });
  const added = await page.evaluate(async ({ email, password }) => {
    const { client, mfa, passkeys } = globalThis as unknown as Page;
    await client.register(email, password);
    await client.login(email, password);
    const { id, recovery_codes } = await passkeys.addPasskey(client, { name: 'Laptop' });
    const again = await passkeys.addPasskey(client).catch(({ name, code }) => [name, code]);
    const { factors } = await mfa.listFactors(client);
    return { id, codes: recovery_codes.length, again, factors };
  }, ACCOUNT);
  assert.equal(added.codes, 10);
  assert.deepEqual(added.again, ['PasskeyError', 'already_registered']);
  assert.deepEqual(
    added.factors.map(({ id, type, name }) => [id, type, name]),
    [[added.id, 'passkey', 'Laptop']],
  );
  assert.equal((await credentials()).length, 1);

  const withoutPassword = await page.evaluate(async () => {
    const { client, passkeys } = globalThis as unknown as Page;
    await client.logout();
    await passkeys.loginWithPasskey(client);
    await passkeys.confirmWithPasskey(client);
    return [client.isLoggedIn, (await client.user()).email];
  });
  assert.deepEqual(withoutPassword, [true, ACCOUNT.email]);
  await page.reload();
  await page.waitForFunction(() => 'passkeys' in globalThis);
  assert.equal(await page.evaluate(() => (globalThis as unknown as Page).client.ready), true);

  const afterPassword = await page.evaluate(async ({ email, password }) => {
    const { client, mfa, passkeys } = globalThis as unknown as Page;
    await client.logout();
    const pending = await mfa.logIn(client, email, password);
    if (!pending) return undefined;
    const before = client.isLoggedIn;
    await passkeys.loginWithPasskey(client, { pending });
    return [pending.methods, before, client.isLoggedIn];
  }, ACCOUNT);
  assert.deepEqual(afterPassword, [['passkey', 'recovery_code'], false, true]);

  await verify(false);
  const unverified = await page.evaluate(async () => {
    const { client, passkeys } = globalThis as unknown as Page;
    return passkeys.loginWithPasskey(client).then(
      () => 'logged in',
      ({ name, code }) => [name, code],
    );
  });
  assert.deepEqual(unverified, ['PasskeyError', 'cancelled']);
  await verify(true);

  const removed = await page.evaluate(
    async ({ id, email, password }) => {
      const { client, mfa, passkeys } = globalThis as unknown as Page;
      const isRemoved = await mfa.removeFactor(client, id);
      await client.logout();
      const refused = await passkeys.loginWithPasskey(client).catch(({ reason }) => reason);
      return [isRemoved, refused, (await mfa.logIn(client, email, password)) ?? 'logged in'];
    },
    { ...ACCOUNT, id: added.id },
  );
  assert.deepEqual(removed, [true, 'passkey_not_valid', 'logged in']);
});

test('MF06 a page that is not listed gets nothing for a passkey; autofill waits until it is aborted', {
  skip: noChromium,
}, async (t) => {
  const { url, listed, unlisted, browser } = await startAll(t);
  const own = await openPage(browser, listed, { url, storage: 'memory' });
  await own.page.evaluate(async ({ email, password }) => {
    const { client, passkeys } = globalThis as unknown as Page;
    await client.register(email, password);
    await client.login(email, password);
    await passkeys.addPasskey(client);
    await client.logout();
    await passkeys.loginWithPasskey(client);
  }, ACCOUNT);
  const other = await openPage(browser, unlisted, { url, storage: 'memory' });
  for (const credential of await own.credentials()) await other.add(credential);
  const refused = await other.page.evaluate(async () => {
    const { client, passkeys } = globalThis as unknown as Page;
    const error = await passkeys.loginWithPasskey(client).catch((reason) => reason);
    return [error?.code, error?.reason, client.isLoggedIn];
  });
  assert.deepEqual(refused, ['invalid_credentials', 'passkey_not_valid', false]);

  const waited = await own.page.evaluate(async () => {
    const { client, passkeys } = globalThis as unknown as Page;
    if (!(await passkeys.isAutofillSupported())) return 'unsupported';
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = passkeys.loginWithPasskey(client, { autofill: true, signal });
    controller.abort();
    return waiting.then(
      () => 'logged in',
      ({ code }) => code,
    );
  });
  assert.equal(waited, 'cancelled');
});
