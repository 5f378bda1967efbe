/** The pages of an account in a real browser: setting up each factor, checked by axe. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import jsQR from 'jsqr';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { codeAt, STEP } from '../../packages/server/test/mfa/support/holder.ts';
import { PASSWORD, startService } from '../../packages/server/test/support/service.ts';
import { findings, overflows } from './axe.ts';
import { noChromium, openContext } from './chromium.ts';

const EMAIL = 'alice@example.com';
const NEW_PASSWORD = 'granite otter parade 41';
const PHONE = { width: 390, height: 844 };
const LOOKS = [
  { colorScheme: 'light', locale: 'en-GB' },
  { colorScheme: 'dark', locale: 'ru-RU', viewport: PHONE },
  { colorScheme: 'light', locale: 'ru-RU', viewport: { width: 320, height: 640 } },
] as const satisfies BrowserContextOptions[];

async function startWithPage(t: TestContext, look: BrowserContextOptions = {}) {
  // The port is not known yet; the browser itself tells that the page is of the same origin.
  const service = await startService(t, { GATEPASS_PUBLIC_URL: 'http://127.0.0.1' });
  await service.register();
  const context = await openContext(look);
  t.after(() => context.close());
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused/.test(message.text())) troubles.push(message.text());
  });
  const open = (path: string) => page.goto(`${service.url}/account/${path}`);
  return { service, context, page, open, troubles };
}

type Started = Awaited<ReturnType<typeof startWithPage>>;

const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).click();
const isAt = (page: Page, path: string) => page.waitForURL(`**/account/${path}`);
const alert = (page: Page) => page.getByRole('alert').first().waitFor();
const status = (page: Page) => page.locator('.good[role=status]').waitFor();

async function enter(page: Page, password = PASSWORD) {
  await page.locator('[name=name]').fill(EMAIL);
  await page.locator('[name=password]').fill(password);
  await page.locator('[name=password]').press('Enter');
}

async function typeCode(page: Page, code: string) {
  await page.locator('[name=code]').fill(code);
  await page.locator('[name=code]').press('Enter');
}

/** Of the picture that is read. */
const SIZE = 480;

/** Reads the QR code like a phone, in a page that may load the picture. */
async function readQr(page: Page): Promise<string> {
  const svg = await page.locator('.qr').innerHTML();
  const sheet = await page.context().newPage();
  const pixels = await sheet.evaluate(`(async () => {
    const image = new Image(${SIZE}, ${SIZE});
    image.src = 'data:image/svg+xml,' + encodeURIComponent(${JSON.stringify(svg)});
    await image.decode();
    const context = new OffscreenCanvas(${SIZE}, ${SIZE}).getContext('2d');
    context.drawImage(image, 0, 0, ${SIZE}, ${SIZE});
    return JSON.stringify([...context.getImageData(0, 0, ${SIZE}, ${SIZE}).data]);
  })()`);
  await sheet.close();
  const rgba: number[] = JSON.parse(String(pixels));
  return jsQR.default(Uint8ClampedArray.from(rgba), SIZE, SIZE)?.data ?? '';
}

/** @returns the secret as the QR code has it, and the recovery codes */
async function setUp({ page, service, open }: Pick<Started, 'page' | 'service' | 'open'>) {
  await open('two-factor');
  await page.locator('[name=name]').fill('Phone');
  await page.locator('[name=name]').press('Enter');
  await page.locator('.qr').waitFor();
  const uri = new URL(await readQr(page));
  const secret = uri.searchParams.get('secret') ?? '';
  const typed = await page.locator('.secret').innerText();
  assert.equal(typed.replaceAll(/\s/g, ''), secret);
  await typeCode(page, codeAt(secret, service.clock.now()));
  await page.locator('.codes').waitFor();
  const codes = await page.locator('[data-code]').allInnerTexts();
  service.clock.advance(STEP);
  return { secret, codes };
}

test('a person logs in, sets an app up by its QR code, and logs in with a code and with a recovery code', {
  skip: noChromium,
}, async (t) => {
  const { service, context, page, open, troubles } = await startWithPage(t);
  await open('two-factor');
  await isAt(page, 'login?next=*');
  await enter(page, 'wrong otter 41');
  await alert(page);
  await enter(page);
  await isAt(page, 'two-factor');
  const { secret, codes } = await setUp({ page, service, open });
  assert.equal(codes.length, 10);

  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await press(page, 'Copy');
  await page.getByText('The codes were copied.').waitFor();
  const copied = await page.evaluate('navigator.clipboard.readText()');
  assert.equal(copied, codes.join('\n'));
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download' }).click();
  assert.equal((await download).suggestedFilename(), 'recovery-codes.txt');
  assert.ok(await page.getByRole('button', { name: 'Print' }).isVisible());
  await page.getByRole('link', { name: 'I have saved them' }).click();
  await page.getByText('Recovery codes left: 10').waitFor();

  const logOut = async () => {
    await open('');
    await press(page, 'Log out');
    await isAt(page, 'login');
  };
  for (const code of [() => codeAt(secret, service.clock.now()), () => codes[0] ?? '']) {
    await logOut();
    await enter(page);
    await typeCode(page, '000000');
    await alert(page);
    await typeCode(page, code());
    await isAt(page, '');
    await page.getByText(EMAIL).waitFor();
  }
  await open('two-factor');
  await page.getByText('Recovery codes left: 9').waitFor();
  assert.doesNotMatch(page.url(), /code|secret|challenge/);
  await press(page, 'Remove: Phone');
  await press(page, 'Remove');
  await status(page);
  await page.getByText('No second factor is on.').waitFor();
  assert.deepEqual(troubles, []);
});

test('a person sees where the account is logged in, ends one session, and all others by a new password', {
  skip: noChromium,
}, async (t) => {
  const { service, page, open, troubles } = await startWithPage(t);
  const pairs = [(await service.login()).body, (await service.login()).body];
  await open('');
  await enter(page);
  await page.getByRole('link', { name: 'Sessions' }).click();
  assert.equal(await page.getByText('This session').count(), 1);
  assert.equal(await page.getByRole('listitem').count(), 3);
  await page
    .getByRole('button', { name: /^End the session/ })
    .first()
    .click();
  await status(page);
  assert.equal(await page.getByRole('listitem').count(), 2);
  const alive = async () => {
    const answers = await Promise.all(pairs.map(({ refresh }) => service.refresh(refresh)));
    return answers.filter((answer) => answer.status === 200).length;
  };
  assert.equal(await alive(), 1);
  await page.getByRole('link', { name: 'Account' }).click();
  await page.getByRole('link', { name: 'Password' }).click();
  await page.locator('[name=current_password]').fill(PASSWORD);
  await page.locator('[name=new_password]').fill(NEW_PASSWORD);
  await page.locator('[name=new_password]').press('Enter');
  await status(page);
  assert.equal(await alive(), 0);
  await open('sessions');
  await page.getByText('There are no other sessions.').waitFor();
  assert.equal((await service.login(EMAIL, NEW_PASSWORD)).status, 200);
  assert.deepEqual(troubles, []);
});

test('an app is set up with the keyboard alone, also without JavaScript', {
  skip: noChromium,
}, async (t) => {
  const { service, page, open } = await startWithPage(t, { javaScriptEnabled: false });
  await open('two-factor');
  await page.locator('[name=name]').focus();
  await page.keyboard.type(EMAIL);
  await page.keyboard.press('Tab');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await isAt(page, 'two-factor');
  // The link above, the field, the button.
  for (const key of ['Tab', 'Tab', 'Tab', 'Enter']) await page.keyboard.press(key);
  await page.locator('.secret').waitFor();
  const secret = (await page.locator('.secret').innerText()).replaceAll(/\s/g, '');
  await page.locator('[name=code]').focus();
  await page.keyboard.type(codeAt(secret, service.clock.now()));
  await page.keyboard.press('Enter');
  await page.locator('.codes').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Copy' }).count(), 0, 'needs a script');
  assert.ok(await page.getByRole('link', { name: 'Download' }).isVisible());
});

test('axe finds nothing: every page and step; light, dark, phone, both languages', {
  skip: noChromium,
}, async (t) => {
  const faults: string[] = [];
  for (const look of LOOKS) {
    const { service, page, open, troubles } = await startWithPage(t, look);
    // On the narrowest screen both themes and languages were seen already: only its width is new.
    const find = 'viewport' in look && look.viewport.width < PHONE.width ? overflows : findings;
    const check = async (what: string) => {
      const where = `${what} ${look.colorScheme} ${look.locale}`;
      assert.equal(await page.locator('html').getAttribute('lang'), look.locale.slice(0, 2));
      for (const found of await find(page)) faults.push(`${where}: ${found}`);
    };
    await open('login');
    await check('login');
    await enter(page, 'wrong');
    await alert(page);
    await check('login, refused');
    await service.login();
    await enter(page);
    await isAt(page, '');
    for (const name of ['', 'password', 'sessions', 'confirm', 'two-factor']) {
      await open(name);
      await check(name);
    }
    await page.locator('[name=do][value=add] ~ button').click();
    await page.locator('.qr').waitFor();
    await check('set-up');
    await setUp({ page, service, open });
    await check('codes');
    for (const name of ['password', 'confirm', 'two-factor']) {
      await open(name);
      await check(`${name}, with a factor`);
    }
    await page.locator('.card button').click();
    await check('removal');
    await open('');
    await page.locator('form button').click();
    await enter(page);
    await page.locator('[name=code]').waitFor();
    await check('code');
    faults.push(...troubles);
  }
  assert.deepEqual(faults, []);
});
