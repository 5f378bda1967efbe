/** The API page in a real browser: behind a proxy that strips a prefix, with and without a last slash. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type TestContext, test } from 'node:test';
import { startService } from '../support/service.ts';
import { ACCOUNT } from './browser.ts';
import { noChromium, openContext } from './chromium.ts';

const PREFIX = '/auth';

/** A proxy that strips the prefix. @returns the address with the prefix */
async function startStripping(t: TestContext, target: string): Promise<string> {
  const proxy = createServer((incoming, response) => {
    const { url = '/', method, headers } = incoming;
    if (!url.startsWith(`${PREFIX}/`)) return response.writeHead(404).end('not below the prefix');
    const upstream = request(target + url.slice(PREFIX.length), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    return incoming.pipe(upstream);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  t.after(() => {
    proxy.close();
    proxy.closeAllConnections();
  });
  const address = proxy.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}${PREFIX}`;
}

/** A tab, and its errors, including reports of the page's policy. */
async function openPage(stack: AsyncDisposableStack) {
  const page = await stack.use(await openContext()).newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  return { page, faults };
}

test('the API page works below a prefix that a proxy strips, and calls the API there', {
  skip: noChromium,
}, async (t) => {
  const { app, stop } = await startService();
  t.after(stop);
  const url = await startStripping(t, app.listeningOrigin);
  await using stack = new AsyncDisposableStack();
  const { page, faults } = await openPage(stack);
  for (const path of ['/docs', '/docs/', '/']) {
    await page.goto(url + path);
    const operation = page.locator('.opblock', {
      has: page.getByText('/healthz', { exact: false }),
    });
    await operation.locator('.opblock-summary-control').click();
    const called = page.waitForResponse(`${url}/healthz`);
    await operation.locator('.execute').click();
    assert.equal((await called).status(), 200, path);
  }
  assert.equal(page.url().split('#')[0], `${url}/docs`, 'a redirect stays below the prefix');
  assert.deepEqual(faults, []);
});

test('the API page logs in, sends the token with each request, refreshes it and logs out', {
  skip: noChromium,
}, async (t) => {
  const { app, stop } = await startService({ GATEPASS_AUTH_HEADER_TYPES: 'JWT' });
  t.after(stop);
  const url = await startStripping(t, app.listeningOrigin);
  await fetch(`${url}/api/users`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ACCOUNT),
  });
  await using stack = new AsyncDisposableStack();
  const { page, faults } = await openPage(stack);
  await page.clock.install();
  await page.goto(`${url}/docs`);
  const said = page.locator('#login output');
  const logIn = async (password: string) => {
    await page.getByRole('textbox', { name: 'E-mail' }).fill(ACCOUNT.email);
    await page.getByRole('textbox', { name: 'Password' }).fill(password);
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
  };
  const operation = page.locator('#operations-default-get_api_users_me, .opblock-get', {
    has: page.getByText('/api/users/me', { exact: true }),
  });
  await operation.locator('.opblock-summary-control').click();
  const me = async () => {
    const called = page.waitForResponse(`${url}/api/users/me`);
    await operation.locator('.execute').click();
    return called;
  };
  assert.equal((await me()).status(), 401);

  await logIn('not her password 9');
  await said.filter({ hasText: 'No active account' }).waitFor();
  await logIn(ACCOUNT.password);
  await said.filter({ hasText: `Logged in as ${ACCOUNT.email}` }).waitFor();
  assert.equal(await page.getByRole('textbox', { name: 'Password' }).inputValue(), '');
  const first = await me();
  assert.equal(first.status(), 200);
  const { authorization: before } = await first.request().allHeaders();
  assert.match(before ?? '', /^JWT ey/);
  assert.equal(await page.evaluate('localStorage.length + sessionStorage.length'), 0);

  await page.clock.fastForward('05:00');
  const refreshed = page.waitForResponse(`${url}/api/token/refresh`);
  const second = await me();
  assert.equal((await refreshed).status(), 200);
  assert.equal(second.status(), 200);
  const { authorization: after } = await second.request().allHeaders();
  assert.notEqual(after, before);

  const ended = page.waitForResponse(`${url}/api/token/blacklist`);
  await page.getByRole('button', { name: 'Log out', exact: true }).click();
  assert.equal((await ended).status(), 200);
  assert.equal((await me()).status(), 401);
  assert.equal(page.url().split('#')[0], `${url}/docs`, 'no password in the address');
  // Chromium reports each 401 as an error of the page.
  assert.deepEqual(
    faults.filter((text) => !text.includes('status of 401')),
    [],
  );
});
