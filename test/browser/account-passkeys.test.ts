/** Passkeys on the pages of an account, with Chromium's virtual authenticator. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { chromium, type Page } from 'playwright-core';
import { PASSWORD, startService } from '../../packages/server/test/support/service.ts';
import { findings } from './axe.ts';
import { CHROMIUM } from './browser.ts';
import { noChromium } from './chromium.ts';

const EMAIL = 'alice@example.com';
const NEW_PASSWORD = 'granite otter parade 41';
/** Browsers treat names below localhost like TLS, and a passkey belongs to a name. */
const SITE = 'http://id.localhost';

/** A page of the service, in a browser with an authenticator whose user is there. */
async function startWithAuthenticator(t: TestContext) {
  const service = await startService(t, { GATEPASS_PUBLIC_URL: SITE });
  await service.register();
  const rule = `--host-resolver-rules=MAP id.localhost:80 127.0.0.1:${service.port}`;
  const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', rule];
  const browser = await chromium.launch({ executablePath: CHROMIUM, args });
  t.after(() => browser.close());
  const page = await browser.newPage();
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const verify = (isUserVerified: boolean) =>
    cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) troubles.push(message.text());
  });
  return { service, page, verify, troubles };
}

const press = (page: Page, name: string) => page.getByRole('button', { name }).click();
const open = (page: Page, path: string) => page.goto(`${SITE}/account/${path}`);
const isAt = (page: Page, path: string) => page.waitForURL(`${SITE}/account/${path}`);

async function enter(page: Page, password = PASSWORD) {
  await page.locator('[name=name]').fill(EMAIL);
  await page.locator('[name=password]').fill(password);
  await page.locator('[name=password]').press('Enter');
}

test('a person adds a passkey, and logs in with it alone, after the password, and to confirm a change', {
  skip: noChromium,
}, async (t) => {
  const { service, page, verify, troubles } = await startWithAuthenticator(t);
  const faults: string[] = [];
  const check = async (what: string) => {
    for (const each of await findings(page)) faults.push(`${what}: ${each}`);
  };
  const logOut = async () => {
    await open(page, '');
    await press(page, 'Log out');
    await isAt(page, 'login');
  };
  await open(page, 'two-factor');
  await enter(page);
  await page.getByLabel('Name of the passkey').fill('Laptop');
  await check('two-factor');
  await press(page, 'Add a passkey');
  await verify(false);
  await press(page, 'Create the passkey');
  await page.getByText('The passkey was not used. Try again.').waitFor();
  await check('refused by its user');
  await verify(true);
  await press(page, 'Create the passkey');
  await page.locator('.codes').waitFor();
  assert.equal(await page.locator('[data-code]').count(), 10);
  await page.getByRole('link', { name: 'I have saved them' }).click();
  await page.getByRole('heading', { name: 'Laptop' }).waitFor();

  await logOut();
  await check('login');
  await press(page, 'Log in with a passkey');
  await isAt(page, '');
  await page.getByText(EMAIL).waitFor();

  await logOut();
  await enter(page);
  await page.locator('[name=code]').waitFor();
  await check('code');
  await press(page, 'Use a passkey');
  await isAt(page, '');

  service.clock.advance(11 * 60_000);
  await open(page, 'two-factor');
  await page.getByRole('link', { name: 'Confirm that it is you' }).click();
  await check('confirm');
  await press(page, 'Use a passkey');
  await isAt(page, 'two-factor');
  await open(page, 'password');
  await page.locator('[name=current_password]').fill(PASSWORD);
  await page.locator('[name=new_password]').fill(NEW_PASSWORD);
  await press(page, 'Use a passkey');
  await page.getByRole('status').filter({ hasText: 'The password was changed' }).waitFor();

  await open(page, 'two-factor');
  await press(page, 'Remove: Laptop');
  await press(page, 'Remove');
  await page.getByText('No second factor is on.').waitFor();
  await logOut();
  await enter(page, NEW_PASSWORD);
  await isAt(page, '');
  assert.deepEqual([...faults, ...troubles], []);
});
