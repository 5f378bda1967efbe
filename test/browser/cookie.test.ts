/** A session in a cookie, in a real browser: 20 tabs, rotation on, a tenth of the responses to a refresh lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ACCOUNT, openTabs, type Tab } from './browser.ts';
import { noChromium, openContext } from './chromium.ts';

const TABS = 20;
const RELOADS = 2;

const isLoggedIn = () => (globalThis as unknown as Tab).client.ready;
const openSessions = async () => {
  const { client } = globalThis as unknown as Tab;
  const response = await client.fetch('/api/sessions');
  return ((await response.json()) as { sessions: unknown[] }).sessions.length;
};
/** Everything that a script of the page can read without a request. */
const inReach = () => {
  const page = globalThis as unknown as Record<string, object | undefined>;
  const { cookie } = page['document'] as { cookie: string };
  return [cookie, JSON.stringify(page['localStorage']), JSON.stringify(page['sessionStorage'])];
};

test('CK03 20 tabs that reload together keep one session; no script sees the cookie; logout ends it', {
  skip: noChromium,
}, async (t) => {
  await using stack = new AsyncDisposableStack();
  const browser = stack.use(await openContext());
  const { pages, figures } = await openTabs(stack, browser, {
    tabs: TABS,
    storage: 'cookie',
    loss: 0.1,
    seed: 1,
  });
  const [first] = pages;
  assert.ok(first);
  const all = (expected: boolean) => Array.from({ length: TABS }, () => expected);
  const states = () => Promise.all(pages.map((page) => page.evaluate(isLoggedIn)));
  assert.deepEqual(await states(), all(false));

  await first.evaluate(async ({ email, password }) => {
    const { client } = globalThis as unknown as Tab;
    await client.register(email, password);
    await client.login(email, password);
  }, ACCOUNT);
  const sessionCookies = async () =>
    (await browser.cookies()).filter(({ name }) => name === 'gatepass');
  assert.deepEqual(
    (await sessionCookies()).map(({ httpOnly, sameSite, path }) => ({ httpOnly, sameSite, path })),
    [{ httpOnly: true, sameSite: 'Lax', path: '/' }],
  );
  assert.deepEqual(await first.evaluate(inReach), ['', '{}', '{}']);

  for (let reload = 0; reload < RELOADS; reload++) {
    await Promise.all(pages.map((page) => page.reload()));
    assert.deepEqual(await states(), all(true));
    for (const page of pages) assert.equal(await page.evaluate(openSessions), 1);
  }
  t.diagnostic(JSON.stringify(figures));
  assert.ok(figures.dropped > 0, 'responses were lost');

  await first.evaluate(() => (globalThis as unknown as Tab).client.logout());
  const isLoggedOut = () => !(globalThis as unknown as Tab).client.isLoggedIn;
  await Promise.all(
    pages.map((page) => page.waitForFunction(isLoggedOut, undefined, { polling: 10 })),
  );
  assert.deepEqual(await sessionCookies(), []);
  await first.reload();
  assert.equal(await first.evaluate(isLoggedIn), false);
});
