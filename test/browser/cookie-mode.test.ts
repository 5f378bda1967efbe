/** CK01 to CK03 in a real browser: which pages can use the session's cookie, and what scripts see of it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { startService } from '../support/service.ts';
import { ACCOUNT, startChromium } from './browser.ts';
import { noChromium } from './chromium.ts';
import { NAMES, startSites } from './sites.ts';

const FORM_TYPES = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'];
const TABS = 20;

const kept = new AsyncDisposableStack();
after(() => kept.disposeAsync());
let launched: Promise<BrowserContext> | undefined;

function launch(): Promise<BrowserContext> {
  const profile = mkdtempSync(join(tmpdir(), 'gatepass-profile-'));
  kept.defer(() => rmSync(profile, { recursive: true, force: true, maxRetries: 5 }));
  return startChromium(kept, profile, NAMES);
}

/** One Chromium for all tests, whose sites have ports of their own: only cookies know no ports. */
async function openBrowser(stack: AsyncDisposableStack): Promise<BrowserContext> {
  launched ??= launch();
  const browser = await launched;
  await browser.clearCookies();
  const [first] = browser.pages();
  stack.defer(async () => {
    // Without a page it would end.
    for (const page of browser.pages()) if (page !== first) await page.close();
  });
  return browser;
}

/** The service and its own page on one host, a listed sibling, a sibling that is not, another site. */
async function startAll(t: TestContext, variables: Record<string, string> = {}) {
  const stack = new AsyncDisposableStack();
  t.after(() => stack.disposeAsync());
  const directory = mkdtempSync(join(tmpdir(), 'gatepass-cookies-'));
  stack.defer(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  const sites = await startSites(stack, directory);
  const hosts = {
    own: sites.at('id.example.test'),
    listed: sites.at('app.example.test'),
    sibling: sites.at('blog.example.test'),
    foreign: sites.at('evil.test'),
  };
  const { app, database, stop } = await startService({
    GATEPASS_PUBLIC_URL: hosts.own,
    GATEPASS_COOKIE_ORIGINS: hosts.listed,
    GATEPASS_RATE_LIMITS: 'on',
    GATEPASS_FORWARD_COOKIE: 'true',
    ...variables,
  });
  stack.defer(stop);
  sites.serve('id.example.test', app.listeningOrigin);
  const registered = await fetch(`${app.listeningOrigin}/api/users`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ACCOUNT),
  });
  assert.equal(registered.status, 201);
  const browser = await openBrowser(stack);
  const openSessions = () =>
    database.db.selectFrom('sessions').select('id').where('ended_at', 'is', null).execute();
  const counts = () => database.db.selectFrom('throttle_counts').selectAll().execute();
  return { hosts, browser, openSessions, counts };
}

/** One request of the page that is open; 'failed' = the browser hid the response. */
const call = (page: Page, method: string, url: string, body?: object) =>
  page.evaluate(
    async ({ method, url, body }) => {
      const init: RequestInit = { method, credentials: 'include' };
      if (body) Object.assign(init, { headers: { 'content-type': 'application/json' }, body });
      try {
        return (await fetch(url, init)).status;
      } catch {
        return 'failed';
      }
    },
    { method, url, body: body && JSON.stringify(body) },
  );

const statusesOf = (page: Page, prefix: string) => {
  const statuses: number[] = [];
  page.on('response', (response) => {
    const isPreflight = response.request().method() === 'OPTIONS';
    if (response.url().startsWith(prefix) && !isPreflight) statuses.push(response.status());
  });
  return statuses;
};

test('CK01 CK02 pages of a foreign site and of an unlisted sibling neither use nor set the cookie', {
  skip: noChromium,
}, async (t) => {
  const { hosts, browser, openSessions, counts } = await startAll(t);
  const session = `${hosts.own}/api/session`;
  const visitor = await browser.newPage();
  await visitor.goto(hosts.own);
  assert.equal(await call(visitor, 'POST', session, ACCOUNT), 200);
  const before = { sessions: await openSessions(), counts: await counts() };

  for (const origin of [hosts.foreign, hosts.sibling]) {
    const page = await browser.newPage();
    const statuses = statusesOf(page, session);
    await page.goto(origin);
    await page.evaluate(async (url) => {
      const init = { method: 'POST', mode: 'no-cors', credentials: 'include' } as const;
      const body = '{"email":"alice@example.com","password":"wrong otter 41"}';
      for (const type of ['text/plain', 'application/x-www-form-urlencoded'])
        await fetch(url, { ...init, body, headers: { 'content-type': type } });
      await fetch(url, { ...init, body: new Blob([body]) });
      await fetch(`${url}/refresh`, init);
    }, session);
    assert.deepEqual(statuses, Array(4).fill(403), origin);
    for (const path of ['', '/refresh'])
      for (const enctype of FORM_TYPES) {
        const refused = page.waitForResponse(session + path);
        await page.goto(`${origin}/?${new URLSearchParams({ action: session + path, enctype })}`);
        assert.equal((await refused).status(), 403, `${origin} ${path} ${enctype}`);
      }
    await page.goto(origin);
    for (const [method, path, body] of [
      ['POST', '', ACCOUNT],
      ['POST', '/refresh', undefined],
      ['DELETE', '', undefined],
    ] as const)
      assert.equal(await call(page, method, session + path, body), 'failed', `${origin} ${method}`);
    await page.close();
  }
  assert.deepEqual({ sessions: await openSessions(), counts: await counts() }, before);
  assert.equal(await call(visitor, 'POST', `${session}/refresh`), 200, 'still logged in');
});

test('CK02 a listed sibling logs in, refreshes and logs out with the same cookie', {
  skip: noChromium,
}, async (t) => {
  const { hosts, browser, openSessions } = await startAll(t);
  const session = `${hosts.own}/api/session`;
  const page = await browser.newPage();
  await page.goto(hosts.listed);
  assert.equal(await call(page, 'POST', session, ACCOUNT), 200);
  assert.equal(await call(page, 'POST', `${session}/refresh`), 200);
  const own = await browser.newPage();
  await own.goto(hosts.own);
  assert.equal(await call(own, 'POST', `${session}/refresh`), 200);
  assert.equal((await openSessions()).length, 1);
  assert.equal(await call(page, 'GET', `${hosts.own}/api/users/me`), 'failed', 'no other route');
  assert.equal(await call(page, 'DELETE', session), 204);
  assert.equal(await call(own, 'POST', `${session}/refresh`), 401);
  assert.deepEqual(await openSessions(), []);
});

for (const rotates of ['false', 'true'])
  test(`CK03 no script sees the cookie; tabs, a reload and a logout, rotation ${rotates}`, {
    skip: noChromium,
  }, async (t) => {
    const { hosts, browser, openSessions } = await startAll(t, {
      GATEPASS_ROTATE_REFRESH_TOKENS: rotates,
    });
    const session = `${hosts.own}/api/session`;
    const page = await browser.newPage();
    await page.goto(hosts.own);
    assert.equal(await call(page, 'POST', session, ACCOUNT), 200);
    assert.equal(await page.evaluate('document.cookie'), '');
    const names = async () => (await browser.cookies()).map(({ name }) => name).sort();
    assert.deepEqual(await names(), ['__Host-gatepass', '__Host-gatepass-device']);
    const sessionCookie = async () =>
      (await browser.cookies()).find(({ name }) => name === '__Host-gatepass');
    const cookie = await sessionCookie();
    assert.deepEqual(
      [cookie?.httpOnly, cookie?.secure, cookie?.sameSite, cookie?.path, cookie?.domain],
      [true, true, 'Lax', '/', 'id.example.test'],
    );
    await page.evaluate(`document.cookie = '__Host-gatepass=forged; Path=/; Secure'`);
    assert.equal((await sessionCookie())?.value, cookie?.value, 'nor replaces it');

    await page.reload();
    assert.equal(await call(page, 'POST', `${session}/refresh`), 200, 'after a reload');
    const refreshed = await page.evaluate(
      async ({ url, tabs }) => {
        const all = Array.from({ length: tabs }, () => fetch(url, { method: 'POST' }));
        return (await Promise.all(all)).map(({ status }) => status);
      },
      { url: `${session}/refresh`, tabs: TABS },
    );
    const tabs = await Promise.all(Array.from({ length: TABS / 4 }, () => browser.newPage()));
    await Promise.all(tabs.map((tab) => tab.goto(hosts.own)));
    const inTabs = await Promise.all(tabs.map((tab) => call(tab, 'POST', `${session}/refresh`)));
    assert.deepEqual([...refreshed, ...inTabs], Array(TABS + TABS / 4).fill(200));
    assert.equal((await openSessions()).length, 1);

    // As a proxy would ask on behalf of an image.
    assert.equal(await call(page, 'GET', `${hosts.own}/api/token/verify`), 200);
    assert.equal(await call(page, 'DELETE', session), 204);
    assert.deepEqual(await names(), ['__Host-gatepass-device'], 'gone');
    assert.equal(await call(page, 'POST', `${session}/refresh`), 401);
    assert.deepEqual(await openSessions(), []);
  });
