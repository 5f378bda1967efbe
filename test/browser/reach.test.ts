/** Login and logout in one tab of a real browser are known in all, whatever the order of its messages. */
import { test } from 'node:test';
import { ACCOUNT, openTabs, type Tab } from './browser.ts';
import { noChromium, openContext } from './chromium.ts';

const ROUNDS = 20;

for (const storage of ['local', 'session', 'memory', 'cookie'] as const) {
  test(`login and logout reach all tabs (${storage})`, { skip: noChromium }, async () => {
    await using stack = new AsyncDisposableStack();
    const browser = stack.use(await openContext());
    const { pages } = await openTabs(stack, browser, { tabs: 5, storage, loss: 0, seed: 1 });
    await pages[0]?.evaluate(
      ({ email, password }) => (globalThis as unknown as Tab).client.register(email, password),
      ACCOUNT,
    );
    for (let round = 0; round < ROUNDS; round++) {
      const isLogin = round % 2 === 0;
      await pages[round % pages.length]?.evaluate(
        ({ isLogin, email, password }) => {
          const { client } = globalThis as unknown as Tab;
          return isLogin ? client.login(email, password) : client.logout();
        },
        { ...ACCOUNT, isLogin },
      );
      const isKnown = (expected: boolean) =>
        (globalThis as unknown as Tab).client.isLoggedIn === expected;
      // Only catches hangs.
      const options = { polling: 10, timeout: 60_000 };
      await Promise.all(pages.map((page) => page.waitForFunction(isKnown, isLogin, options)));
    }
  });
}
