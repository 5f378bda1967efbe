/** Every screen of the console with attackers' strings: what is drawn and reported, and axe's findings. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BrowserContextOptions } from 'playwright-core';
import { PASSWORD } from '../../packages/server/test/support/service.ts';
import { overflows, told, violationsOf } from './axe.ts';
import { noChromium } from './chromium.ts';
import { type Console, openConsole } from './console.ts';

const PHONE = { width: 390, height: 844 };
const LOOKS = [
  { colorScheme: 'light', locale: 'en-GB' },
  { colorScheme: 'dark', locale: 'ru-RU', viewport: PHONE },
] as const satisfies BrowserContextOptions[];

/** Markup that would run, for each place that a client or an operator fills. */
const attack = (place: string) =>
  `<img src=x onerror="document.title='${place}'"><script>document.title='${place}'</script>`;
const EMAIL = `"${attack('email')}"@example.com`;

/** @returns the id of an account whose every text is an attack */
async function plant(stage: Console, token: string): Promise<number> {
  await stage.addUser('mallory@example.com');
  await stage.logIn('mallory@example.com', PASSWORD, attack('agent'));
  const { db } = stage.database;
  const { id } = await db
    .selectFrom('users')
    .select('id')
    .where('email', '=', 'mallory@example.com')
    .executeTakeFirstOrThrow();
  const claims = JSON.stringify({ [attack('claim')]: attack('value') });
  const texts = { email: EMAIL, username: attack('username'), claims };
  await db.updateTable('users').set(texts).where('id', '=', id).execute();
  const details = JSON.stringify({ reason: attack('reason'), [attack('detail')]: attack('kid') });
  const said = {
    address: attack('address'),
    user_agent: attack('agent'),
    request_id: '-',
    details,
  };
  const whose = {
    user_id: id,
    user_uuid: null,
    session_id: attack('session'),
    actor: attack('actor'),
  };
  const event = { at: stage.clock.now(), event: 'login.fail', ...whose, ...said };
  await db.insertInto('audit_events').values(event).execute();
  const body = { name: attack('key').slice(0, 100), scopes: ['users:read'] };
  await stage.ask('/api/admin/api_keys', { method: 'POST', body }, token);
  return id;
}

const isSerious = ({ impact }: { readonly impact?: string | null | undefined }) =>
  impact === 'serious' || impact === 'critical';

test('AD03: on every screen the strings of attackers are text; axe finds nothing serious, in dark, in light, on a phone', {
  skip: noChromium,
}, async (t) => {
  const stage = await openConsole(t);
  const { adminUrl } = stage;
  const token = await stage.begin();
  const id = await plant(stage, token);
  const faults: string[] = [];
  const screens = {
    overview: ['#/', attack('reason')],
    users: ['#/users', EMAIL],
    user: [`#/users/${id}`, attack('username')],
    audit: ['#/audit', attack('agent')],
    keys: ['#/keys', attack('key').slice(0, 100)],
    system: ['#/system', 'SQLite'],
  } as const;

  for (const look of LOOKS) {
    const page = await stage.openPage(look);
    const check = async (what: string) => {
      const where = `${what} ${look.colorScheme} ${look.locale}`;
      for (const found of await overflows(page)) faults.push(`${where} ${found}`);
      const violations = await violationsOf(page);
      for (const each of violations.filter(isSerious)) faults.push(`${where}: ${told(each)}`);
    };
    await page.goto(adminUrl);
    await page.locator('input[name=email]').waitFor();
    await check('login');
    await page.evaluate(`sessionStorage.setItem('gatepass.admin', '${token}')`);
    await page.reload();
    for (const [name, [address, said]] of Object.entries(screens)) {
      await page.goto(`${adminUrl}/${address}`);
      await page.getByText(said).first().waitFor();
      await check(name);
      assert.equal(await page.locator('img, main script').count(), 0, name);
      assert.match(await page.title(), /· Gatepass$/, 'no string ran');
    }
    await page.goto(`${adminUrl}/#/keys`);
    await page.locator('button.main').click();
    await page.getByRole('dialog').waitFor();
    await check('dialog');
    await page.context().close();
  }
  assert.deepEqual(faults, []);
  assert.deepEqual(stage.faults, [], 'no report against the policy');

  // The policy itself: without it, the check above could not fail.
  await stage.page.goto(adminUrl);
  const markup = stage.page.evaluate("document.body.innerHTML = '<b>markup</b>'");
  await assert.rejects(markup, /TrustedHTML/);
  const policy = stage.page.evaluate("trustedTypes.createPolicy('any', {})");
  await assert.rejects(policy, /disallowed|Content Security Policy/);
});
