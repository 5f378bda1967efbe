/** The console of a service with mail, in one tab, with an operator's actions. */
import type { TestContext } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { ADMIN, administer } from '../../packages/server/test/admin/support/administration.ts';
import { startMailed } from '../../packages/server/test/recovery/support/mailed.ts';
import { PASSWORD } from '../../packages/server/test/support/service.ts';
import { openContext } from './chromium.ts';

export const AGENTS = {
  'Chrome, Windows':
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36',
  'Firefox, Linux': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
} as const;

export async function openConsole(
  t: TestContext,
  look: BrowserContextOptions = {},
  variables = {},
) {
  const settings = { GATEPASS_SIGNING_ALG: 'EdDSA', ...variables };
  const service = await administer(await startMailed(t, settings));
  const { clock, database } = service;
  const faults: string[] = [];

  async function openPage(appearance: BrowserContextOptions): Promise<Page> {
    const context = await openContext({ locale: 'en-GB', ...appearance });
    t.after(() => context.close());
    // Both see the time of the test.
    await context.clock.install({ time: clock.now() });
    const page = await context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    return page;
  }
  const page = await openPage(look);

  const logIn = (email: string, password = PASSWORD, agent?: string) =>
    service.post('/api/token', { email, password }, agent ? { 'user-agent': agent } : {});

  /** An account with a proved address. */
  async function addUser(email: string): Promise<void> {
    await service.register(email);
    const now = clock.now();
    const proved = database.db.updateTable('users').set({ email_verified_at: now });
    await proved.where('email', '=', email).execute();
  }

  async function enter(on = page): Promise<void> {
    await on.getByLabel('E-mail').fill(ADMIN);
    await on.getByLabel('Password').fill(PASSWORD);
    await on.getByRole('button', { name: 'Log in' }).click();
    await on.getByRole('navigation', { name: 'Screens' }).waitFor();
  }

  return { ...service, page, openPage, enter, faults, logIn, addUser };
}

export type Console = Awaited<ReturnType<typeof openConsole>>;

/** An operator's actions on the screens. */
export function handsOn({ page }: Pick<Console, 'page'>) {
  const named = (name: string) => page.getByRole('button', { name, exact: true });
  return {
    press: (name: string) => named(name).click(),
    /** In the dialog that is open. */
    agree: (name: string) =>
      page.getByRole('dialog').getByRole('button', { name, exact: true }).click(),
    says: (text: string | RegExp) => page.locator('.toast', { hasText: text }).waitFor(),
    /** With the keyboard alone, but for the last press. */
    async find(part: string) {
      await page.keyboard.press('/');
      await page.keyboard.type(part);
      await page.keyboard.press('Enter');
      await page.getByRole('main').getByRole('link', { name: part }).click();
      await page.getByRole('heading', { level: 1, name: part }).waitFor();
    },
  };
}
