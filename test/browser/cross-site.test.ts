/** AB06 in a real browser: what a page of another site can make its visitor's browser send. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import { startService } from '../support/service.ts';
import { ACCOUNT } from './browser.ts';
import { noChromium, openContext } from './chromium.ts';

const ATTEMPTS = 12;
const FORM_TYPES = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'];

/** A form that submits itself at once. */
const formPage = (action: string, enctype: string) => `<!doctype html><title>form</title>
<form method="post" action="${action}" enctype="${enctype}">
<input name="email" value="form@example.com"><input name="password" value="correct horse 9 battery">
</form><script>document.forms[0].submit()</script>`;

/** Pages on a port of their own: an empty one, and one with the form that its query describes. */
async function startPages(t: TestContext): Promise<number> {
  const server = createServer(({ url = '/' }, response) => {
    const { searchParams } = new URL(url, 'http://page');
    const [action, enctype] = [searchParams.get('action'), searchParams.get('enctype')];
    response.setHeader('content-type', 'text/html');
    response.end(action && enctype ? formPage(action, enctype) : '<!doctype html><title>x</title>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

test('AB06 forms and fetches of another site count nothing and create nothing; listed pages log in', {
  skip: noChromium,
}, async (t) => {
  const port = await startPages(t);
  // "localhost" and "127.0.0.1" are two sites for a browser.
  const listed = `http://localhost:${port}`;
  const { app, database, stop } = await startService({
    GATEPASS_RATE_LIMITS: 'on',
    GATEPASS_CORS_ORIGINS: `${listed},http://*.preview.localhost:${port}`,
  });
  t.after(stop);
  const service = app.listeningOrigin;
  const post = (path: string, body: object) =>
    fetch(service + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  assert.equal((await post('/api/users', ACCOUNT)).status, 201);
  const rows = async () => ({
    users: await database.db.selectFrom('users').select('email').execute(),
    counts: await database.db.selectFrom('throttle_counts').selectAll().execute(),
  });
  const before = await rows();

  await using stack = new AsyncDisposableStack();
  const page = await stack.use(await openContext()).newPage();
  const statuses: number[] = [];
  page.on('response', (response) => {
    if (response.request().method() === 'POST') statuses.push(response.status());
  });

  const evil = `http://evil.localhost:${port}`;
  await page.goto(evil);
  const attack = { service, email: ACCOUNT.email, attempts: ATTEMPTS };
  await page.evaluate(async ({ service, email, attempts }) => {
    for (let i = 0; i < attempts; i++) {
      const fields = { email: i % 2 ? email : `${i}@example.com`, password: 'wrong otter 41' };
      for (const path of ['/api/token', '/api/users'])
        for (const body of [new URLSearchParams(fields), JSON.stringify(fields)])
          await fetch(service + path, { method: 'POST', mode: 'no-cors', body });
    }
  }, attack);
  assert.deepEqual(statuses, Array(4 * ATTEMPTS).fill(403));
  for (const path of ['/api/token', '/api/users'])
    for (const enctype of FORM_TYPES) {
      const refused = page.waitForResponse(service + path);
      const query = new URLSearchParams({ action: service + path, enctype });
      await page.goto(`${evil}/?${query}`);
      assert.equal((await refused).status(), 403, `${path} ${enctype}`);
    }
  assert.deepEqual(await rows(), before);
  assert.equal((await post('/api/token', ACCOUNT)).status, 200, 'the visitor logs in');

  /** Logs in from the page that is open, as a library would. */
  const login = (credentials: 'include' | 'omit', more: Record<string, string> = {}) =>
    page.evaluate(
      async ({ service, account, credentials, more }) => {
        const response = await fetch(`${service}/api/token`, {
          method: 'POST',
          credentials,
          headers: { 'content-type': 'application/json', ...more },
          body: JSON.stringify(account),
        });
        const pair: object = JSON.parse(await response.text());
        return Object.keys(pair);
      },
      { service, account: ACCOUNT, credentials, more },
    );
  await page.goto(evil);
  await assert.rejects(login('omit'), /Failed to fetch/, 'not listed');
  await page.goto(listed);
  const tracing = { 'sentry-trace': 'x', baggage: 'y', traceparent: 'z', 'x-csrftoken': 'w' };
  assert.deepEqual(await login('include', tracing), ['refresh', 'access']);
  await page.goto(`http://pr-1.preview.localhost:${port}`);
  assert.deepEqual(await login('omit'), ['refresh', 'access']);
  await assert.rejects(login('include'), /Failed to fetch/, 'no credentials by a wildcard');
});
