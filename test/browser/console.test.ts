/** The console in a real browser: the daily tasks of administrators, one after another on one service. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADMIN } from '../../packages/server/test/admin/support/administration.ts';
import { failures } from '../../packages/server/test/support/audit.ts';
import { PASSWORD } from '../../packages/server/test/support/service.ts';
import { noChromium } from './chromium.ts';
import { AGENTS, handsOn, openConsole } from './console.ts';

const MINUTE = 60_000;

test('the daily work of an administrator in the console', { skip: noChromium }, async (t) => {
  const stage = await openConsole(t);
  const { page, adminUrl } = stage;
  const { press, agree, says, find } = handsOn(stage);
  const screens = page.getByRole('navigation', { name: 'Screens' });

  await t.test('a one-time link makes an administrator, and later credentials log in', async () => {
    await page.goto(`${adminUrl}/#/setup?token=${await stage.setUp()}`);
    await page.getByLabel('E-mail').fill(ADMIN);
    await page.getByLabel('Password').fill(PASSWORD);
    await press('Continue');
    await screens.waitFor();
    assert.doesNotMatch(page.url(), /token/);
    await press('Log out');
    await page.getByText('You are logged out.').waitFor();
    await page.getByLabel('E-mail').fill(ADMIN);
    await page.getByLabel('Password').fill('not the password 9');
    await press('Log in');
    await page.getByRole('alert').waitFor();
    const login = page.waitForRequest(/\/api\/admin\/login$/);
    await stage.enter();
    // With the token that the setup gave this browser.
    assert.match((await login).headers()['x-known-device'] ?? '', /^1\.[0-9a-f]{32}\./);
  });

  for (const name of ['ann', 'fail', 'gone', 'dora']) await stage.addUser(`${name}@example.com`);
  for (const agent of Object.values(AGENTS)) await stage.logIn('ann@example.com', PASSWORD, agent);
  await stage.logIn('fail@example.com', 'not the password 9');
  // The console reads why it failed from the audit log, which is written a moment later.
  await failures(stage, 1);

  await t.test(
    'a user is found by part of the address, and back leads to the filters',
    async () => {
      await find('dora@ex');
      await press('Disable');
      await agree('Disable');
      await says('The account is disabled');
      await screens.getByRole('link', { name: 'Users' }).click();
      await page.getByLabel('Status').selectOption('disabled');
      await page.waitForURL(/status=disabled/);
      await page.getByRole('link', { name: 'dora@example.com' }).click();
      await page.getByRole('heading', { level: 1, name: 'dora@example.com' }).waitFor();
      assert.equal(await page.evaluate('document.activeElement.tagName'), 'H1');
      await page.goBack();
      await page.waitForURL(/status=disabled/);
      assert.equal(await page.getByLabel('Status').inputValue(), 'disabled');
    },
  );

  await t.test('why a login fails, unlocking, disabling and enabling', async () => {
    await screens.getByRole('link', { name: 'Users' }).click();
    await find('fail@ex');
    await page.getByText('The password was wrong.').waitFor();
    await press('Unlock');
    await says('The account is unlocked');
    await page.getByText('Nothing here prevents a login.').waitFor();
    await press('Disable');
    await agree('Disable');
    await page.getByText('The account is disabled. Enable it').waitFor();
    assert.equal((await stage.logIn('fail@example.com')).status, 401);
    await press('Enable');
    await says('The account is enabled');
    assert.equal((await stage.logIn('fail@example.com')).status, 200);
  });

  await t.test('a stolen session is ended, then all of them; a reset is mailed', async () => {
    await find('ann@ex');
    await press('End the session of Firefox, Linux');
    await says('The session has ended');
    const sessions = page.getByRole('region', { name: 'Sessions' });
    await sessions.getByText('Firefox, Linux').waitFor({ state: 'detached' });
    await sessions.getByText('Chrome, Windows').waitFor();
    await press('End all');
    await agree('End all');
    await page.getByText('No open sessions.').waitFor();
    await press('Send reset');
    await agree('Send reset');
    await says('on its way to ann@example.com');
    assert.equal((await stage.nextMail()).to, 'ann@example.com');
  });

  await t.test('an account is deleted with the password given again, and not without', async () => {
    stage.clock.advance(11 * MINUTE);
    await find('gone@ex');
    await page.getByText('More', { exact: true }).click();
    await press('Delete');
    await agree('Delete');
    const password = page.getByLabel('Your password');
    await password.fill('not the password 9');
    await agree('Confirm');
    await page.getByRole('dialog').getByRole('alert').waitFor();
    assert.equal((await stage.logIn('gone@example.com')).status, 200);
    await password.fill(PASSWORD);
    await agree('Confirm');
    await says('The account is deleted');
    await page.waitForURL(/#\/users$/);
    assert.equal((await stage.logIn('gone@example.com')).status, 401);
  });

  await t.test('the audit log of an hour, of an address and an event, as a file', async () => {
    await screens.getByRole('link', { name: 'Audit' }).click();
    await page.getByLabel('Period').selectOption('1h');
    await page.getByRole('combobox', { name: 'Event' }).selectOption('user.disable');
    const rows = page.getByRole('row').filter({ hasText: 'administrator' });
    await page.waitForURL(/event=user.disable/);
    await page.getByRole('searchbox', { name: 'Account' }).fill('fail@example.com');
    await page.waitForURL(/user=fail/);
    await page.locator('tbody tr').nth(1).waitFor({ state: 'detached' });
    assert.equal(await rows.count(), 1);
    const file = page.waitForEvent('download');
    await press('Export CSV');
    assert.equal((await file).suggestedFilename(), 'audit.csv');
  });

  await t.test('an API key is shown once, works, and is revoked', async () => {
    await screens.getByRole('link', { name: 'Keys' }).click();
    await press('Create key');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Nightly export');
    await dialog.getByLabel('users:read').check();
    await agree('Create key');
    const key = (await page.locator('.secret code').textContent()) ?? '';
    assert.equal((await stage.ask('/api/admin/users', {}, key)).status, 200);
    await agree('Close');
    await press('Revoke “Nightly export”?');
    await agree('Revoke');
    await says('The key is revoked');
    assert.equal((await stage.ask('/api/admin/users', {}, key)).status, 401);
  });

  await t.test(
    'a signing key is rotated, a test mail arrives, an administrator is invited',
    async () => {
      await press('Rotate');
      await agree('Rotate');
      await says('The rotation is planned');
      await page.getByText('Next', { exact: true }).waitFor();
      await screens.getByRole('link', { name: 'System' }).click();
      await page.getByLabel('Test mail to').fill(ADMIN);
      await press('Send');
      await says(`sent to ${ADMIN}`);
      assert.equal((await stage.nextMail()).to, ADMIN);
      await page.getByLabel('E-mail', { exact: true }).fill('second@example.com');
      await press('Create link');
      const link = (await page.locator('.secret code').textContent()) ?? '';
      await agree('Close');
      const other = await stage.openPage({});
      await other.goto(link);
      await other.getByLabel('Password').fill(PASSWORD);
      await other.getByRole('button', { name: 'Continue' }).click();
      await other.getByText('second@example.com').waitFor();
      await other.context().close();
    },
  );

  await t.test('the overview counts accounts and leads to those that failed', async () => {
    await screens.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('img', { name: /^Failed logins\. Failed: [1-9]/ }).waitFor();
    await page.getByRole('link', { name: /^1\s*Disabled$/ }).click();
    await page.getByRole('link', { name: 'dora@example.com' }).waitFor();
  });

  await t.test('a login that ended asks for credentials and leads back to the screen', async () => {
    stage.clock.advance(13 * 60 * MINUTE);
    await page.goto(`${adminUrl}/#/users`);
    await page.getByText('Your login has ended.').waitFor();
    await stage.enter();
    await page.getByRole('heading', { level: 1, name: 'Users' }).waitFor();
  });

  // Chromium reports each refusal of a request as an error of the page.
  const faults = stage.faults.filter((text) => !/status of 40[013]/.test(text));
  assert.deepEqual(faults, []);
});
