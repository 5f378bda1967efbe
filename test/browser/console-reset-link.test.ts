/** The console of a service without mail: a link is shown once, in the language of the administrator. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADMIN } from '../../packages/server/test/admin/support/administration.ts';
import { PASSWORD } from '../../packages/server/test/support/service.ts';
import { noChromium } from './chromium.ts';
import { handsOn, openConsole } from './console.ts';

const ALICE = 'alice@example.com';

test('an account is created and reset with a link to hand over, shown once', {
  skip: noChromium,
}, async (t) => {
  const stage = await openConsole(t, {}, { GATEPASS_SMTP_URL: '' });
  const { page, adminUrl } = stage;
  const { press, agree } = handsOn(stage);
  await stage.begin();
  await page.goto(adminUrl);
  await stage.enter();
  const dialog = page.getByRole('dialog');
  const shownLink = async () => {
    await dialog.getByRole('heading', { name: 'The link to set a password' }).waitFor();
    await dialog.getByText(`Hand this link to ${ALICE} by a safe way`).waitFor();
    await dialog.getByRole('button', { name: 'Copy' }).waitFor();
    const link = (await dialog.locator('.secret code').textContent()) ?? '';
    await agree('Close');
    return link;
  };
  const use = (link: string, new_password: string) => {
    const values = new URLSearchParams(link.split('#')[1] ?? '');
    return stage.reset({ uid: values.get('uid'), token: values.get('token'), new_password });
  };

  await page.getByRole('link', { name: 'Users' }).click();
  await press('Create account');
  await dialog.getByLabel('E-mail').fill(ALICE);
  await agree('Create account');
  assert.equal((await use(await shownLink(), PASSWORD)).status, 204);
  await page.getByRole('heading', { level: 1, name: ALICE }).waitFor();

  stage.clock.advance(11 * 60_000);
  await press('Send reset');
  await agree('Send reset');
  await dialog.getByLabel('Your password').fill(PASSWORD);
  await agree('Confirm');
  assert.equal((await use(await shownLink(), 'granite otter parade 41')).status, 204);
  assert.equal(await page.locator('.secret').count(), 0);

  const russian = await stage.openPage({ locale: 'ru-RU' });
  await russian.goto(adminUrl);
  await russian.getByLabel('Электронная почта').fill(ADMIN);
  await russian.getByLabel('Пароль').fill(PASSWORD);
  await russian.getByRole('button', { name: 'Войти' }).click();
  await russian.getByRole('navigation').first().waitFor();
  await russian.goto(`${adminUrl}/#/users/2`);
  await russian.getByRole('button', { name: 'Сбросить пароль' }).click();
  const asked = russian.getByRole('dialog');
  await asked.getByRole('button', { name: 'Сбросить пароль' }).click();
  await asked.getByText(`Передайте эту ссылку ${ALICE} надёжным способом`).waitFor();
});
