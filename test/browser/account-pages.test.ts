/** The pages behind mailed links in a real browser: what scanners do to them, what people do, and axe. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import {
  linkOf,
  type Mail,
  NEW_PASSWORD,
  startMailed,
} from '../../packages/server/test/recovery/support/mailed.ts';
import { PASSWORD } from '../../packages/server/test/support/service.ts';
import { findings } from './axe.ts';
import { noChromium, openContext } from './chromium.ts';

const PHONE = { width: 360, height: 740 };
const LOOKS = [
  { colorScheme: 'light', locale: 'en-GB' },
  { colorScheme: 'dark', locale: 'ru-RU', viewport: PHONE },
  { colorScheme: 'light', locale: 'ru-RU', viewport: PHONE },
  { colorScheme: 'dark', locale: 'en-GB' },
] as const satisfies BrowserContextOptions[];

async function openBrowser(t: TestContext, look: BrowserContextOptions = {}) {
  const context = await openContext(look);
  t.after(() => context.close());
  return context;
}

type Service = Awaited<ReturnType<typeof startMailed>>;

/** The mailed link, at the address of this test's service. */
const placeOf = ({ url }: Service, { link }: Mail) => link.replace('https://id.example.com', url);

/** An account with a mail of each kind: its reset, and the change and the undo of its address. */
async function startWithMails(t: TestContext) {
  const service = await startMailed(t, { GATEPASS_EMAIL_VERIFICATION: 'required' });
  await service.register();
  const activation = await service.nextMail();
  await service.register('moved@example.com');
  await service.activate(linkOf(await service.nextMail()));
  const { body: pair } = await service.login('moved@example.com');
  const ask = async (new_email: string) => {
    await service.setEmail(pair.access, { new_email, current_password: PASSWORD });
    return service.nextMail();
  };
  await service.confirmEmail(linkOf(await ask('later@example.com')));
  const undo = await service.nextMail();
  const change = await ask('latest@example.com');
  await service.askReset('later@example.com');
  const reset = await service.nextMail();
  return { service, activation, change, undo, reset };
}

const visible = (page: Page) => page.locator('input:visible').count();

test('AR06: a scanner that opens links and runs scripts changes nothing, and the button does', {
  skip: noChromium,
}, async (t) => {
  const { service, activation, change, undo, reset } = await startWithMails(t);
  const context = await openBrowser(t);
  const mails = { activation, change, undo, reset };
  const posts: string[] = [];
  const scanned = await Promise.all(
    Object.values(mails).map(async (mail) => {
      const page = await context.newPage();
      page.on('request', (request) => {
        if (request.method() !== 'GET') posts.push(request.url());
      });
      await page.goto(placeOf(service, mail));
      await page.waitForTimeout(5000);
      return page;
    }),
  );
  assert.deepEqual(posts, []);
  const users = () =>
    service.database.db.selectFrom('users').select(['email', 'email_verified_at']).execute();
  assert.deepEqual(
    (await users()).map(({ email, email_verified_at }) => [email, email_verified_at !== null]),
    [
      ['alice@example.com', false],
      ['later@example.com', true],
    ],
  );
  for (const page of scanned) {
    assert.doesNotMatch(page.url(), /token/, 'the token stays in no history');
    await page.close();
  }

  const press = async (mail: Mail, fill?: (page: Page) => Promise<void>) => {
    const page = await context.newPage();
    await page.goto(placeOf(service, mail));
    await fill?.(page);
    await page.getByRole('button').click();
    await page.getByRole('status').waitFor();
    await page.close();
  };
  await press(activation);
  assert.equal((await service.login()).status, 200);
  await press(reset, async (page) => {
    assert.equal(await visible(page), 1, 'the link says who it is');
    await page.locator('[name=new_password]').fill(NEW_PASSWORD);
  });
  assert.equal((await service.login('later@example.com', NEW_PASSWORD)).status, 200);
});

test('a change of address is confirmed and undone with a press of a button', {
  skip: noChromium,
}, async (t) => {
  const { service, change } = await startWithMails(t);
  const page = await (await openBrowser(t)).newPage();
  const press = async (mail: Mail) => {
    await page.goto(placeOf(service, mail));
    await page.getByRole('button').click();
    await page.getByRole('status').waitFor();
  };
  await press(change);
  assert.equal((await service.login('latest@example.com')).status, 200);
  let notice = await service.nextMail();
  while (!/undo/.test(notice.link)) notice = await service.nextMail();
  await press(notice);
  assert.equal((await service.login('latest@example.com')).status, 401);
  assert.equal((await service.login('later@example.com')).status, 200);
});

test('without JavaScript a password is reset with the code, and a wrong one can be corrected', {
  skip: noChromium,
}, async (t) => {
  const service = await startMailed(t);
  await service.register();
  const context = await openBrowser(t, { javaScriptEnabled: false, viewport: PHONE });
  const page = await context.newPage();
  await page.goto(`${service.url}/account/forgot`);
  await page.locator('[name=email]').fill('alice@example.com');
  await page.getByRole('button').click();
  await page.getByRole('status').waitFor();
  const { code } = await service.nextMail();
  const fill = async (password: string) => {
    await page.locator('[name=code]').fill(code);
    await page.locator('[name=new_password]').fill(password);
    await page.getByRole('button').click();
  };
  await page.goto(`${service.url}/account/reset`);
  await page.locator('[name=email]').fill('alice@example.com');
  await fill('12345678');
  await page.getByRole('alert').first().waitFor();
  assert.equal(await page.locator('[name=email]').inputValue(), 'alice@example.com');
  await fill(NEW_PASSWORD);
  await page.getByRole('status').waitFor();
  assert.equal((await service.login('alice@example.com', NEW_PASSWORD)).status, 200);
});

test('axe finds nothing: each page, asked for, linked, refused and done; light, dark, phone, both languages', {
  skip: noChromium,
}, async (t) => {
  const { service } = await startWithMails(t);
  const faults: string[] = [];
  for (const look of LOOKS) {
    const context = await openBrowser(t, look);
    const page = await context.newPage();
    const check = async (what: string) => {
      for (const id of await findings(page)) faults.push(`${what}: ${id}`);
    };
    for (const name of ['forgot', 'reset', 'activate', 'email', 'undo']) {
      const where = `${name} ${look.colorScheme} ${look.locale}`;
      await page.goto(`${service.url}/account/${name}`);
      assert.equal(await page.locator('html').getAttribute('lang'), look.locale.slice(0, 2));
      await check(where);
      if (name === 'forgot') continue;
      await page.goto(`${service.url}/account/${name}#uid=Mg&token=abc`);
      await check(`${where}, linked`);
      if (name === 'reset') await page.locator('[name=new_password]').fill(NEW_PASSWORD);
      await page.getByRole('button').click();
      await page.getByRole('alert').first().waitFor();
      await check(`${where}, refused`);
    }
    await page.goto(`${service.url}/account/forgot`);
    await page.locator('[name=email]').fill('alice@example.com');
    await page.getByRole('button').click();
    await page.getByRole('status').waitFor();
    await check(`forgot ${look.colorScheme} ${look.locale}, done`);
    await context.close();
  }
  assert.deepEqual(faults, []);
});
