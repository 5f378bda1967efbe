/** The API page in a real browser: behind a proxy that strips a prefix, with and without a last slash. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startService } from '../support/service.ts';
import { CHROMIUM, startChromium } from './browser.ts';

const skip = existsSync(CHROMIUM) ? false : `${CHROMIUM} is missing: apt-get install chromium`;
const PREFIX = '/auth';

/** Passes on what is below the prefix, without it. @returns the address with the prefix */
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

test('the API page works below a prefix that a proxy strips, and calls the API there', {
  skip,
}, async (t) => {
  const { app, stop } = await startService();
  t.after(stop);
  const url = await startStripping(t, app.listeningOrigin);
  await using stack = new AsyncDisposableStack();
  const profile = mkdtempSync(join(tmpdir(), 'gatepass-docs-'));
  stack.defer(() => rmSync(profile, { recursive: true, force: true, maxRetries: 5 }));
  const page = await (await startChromium(stack, profile)).newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
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
