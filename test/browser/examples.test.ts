/** The examples for front ends, as production bundles in a real browser: log in, reload, a second tab, log out. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { ACCOUNT, CHROMIUM } from './browser.ts';
import { openContext } from './chromium.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');

/** The examples. `rendered`: whether the server of the example knows the login. */
const examples = [
  { name: 'react-spa', serve: ['vite', 'preview', '--strictPort'], rendered: false },
  { name: 'server-rendered', serve: ['node', 'server.js'], rendered: true },
] as const;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

/** A request that `fetch` cannot send. @returns the status line of the response */
async function statusOf(url: string, target: string, headers = ''): Promise<string> {
  const socket = connect(Number(new URL(url).port), 'localhost');
  socket.write(`GET ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${headers}\r\n`);
  const [line = ''] = (await text(socket)).split('\r\n');
  return line;
}

/** Builds an example and starts it beside a Gatepass of its own. @returns its address */
async function start(
  stack: AsyncDisposableStack,
  { name, serve }: (typeof examples)[number],
  directory: string,
): Promise<string> {
  const cwd = join(EXAMPLES, name);
  const port = await freePort();
  const env = {
    ...process.env,
    PATH: [join(cwd, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
    PORT: String(port),
    GATEPASS_DATABASE_URL: `sqlite:${join(directory, 'gatepass.db')}`,
  };
  const built = spawnSync('npm', ['run', 'build'], { cwd, env, encoding: 'utf8' });
  assert.equal(built.status, 0, built.stdout + built.stderr);
  const child = spawn(process.execPath, [join(EXAMPLES, 'start.js'), ...serve], {
    cwd,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  stack.defer(async () => {
    child.kill();
    if (child.exitCode === null) await once(child, 'exit');
  });
  const url = `http://localhost:${port}`;
  // Only catches hangs.
  const deadline = Date.now() + 120_000;
  while (!(await fetch(`${url}/api/token`).catch(() => undefined))) {
    assert.ok(child.exitCode === null && Date.now() < deadline, `${name} does not start`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return url;
}

async function survivesAnyTarget(url: string): Promise<void> {
  for (const target of ['/assets/', '/assets/none.js', '//', 'http://[', 'http://x/api/token', '*'])
    assert.match(await statusOf(url, target), /^HTTP\/1\.1 [2-4]\d\d /, target);
  assert.equal((await fetch(url)).status, 200, 'one request does not end the server');
}

for (const example of examples) {
  const absent = existsSync(CHROMIUM) ? join(EXAMPLES, example.name, 'node_modules') : CHROMIUM;
  const skip =
    !process.env['CI'] && !existsSync(absent)
      ? `${absent} is missing: see examples/README.md`
      : false;

  test(`CK03 examples/${example.name}: the login survives a reload, reaches a second tab and ends in both`, {
    skip,
  }, async () => {
    await using stack = new AsyncDisposableStack();
    const directory = await mkdtemp(join(tmpdir(), 'gatepass-example-'));
    stack.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
    const url = await start(stack, example, directory);
    const browser = stack.use(await openContext());
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(String(error)));
    const hello = { name: `Hello ${ACCOUNT.email}` };

    await page.goto(url);
    await page.locator('[name=email]').fill(ACCOUNT.email);
    await page.locator('[name=password]').fill('12345678');
    await page.getByRole('button', { name: 'Register' }).click();
    await page.getByRole('alert').filter({ hasText: 'password' }).waitFor();
    await page.locator('[name=password]').fill(ACCOUNT.password);
    await page.getByRole('button', { name: 'Register' }).click();
    await page.getByRole('heading', hello).waitFor();
    assert.equal(await page.evaluate('document.cookie'), '');

    await page.reload();
    await page.getByRole('heading', hello).waitFor();
    const second = await browser.newPage();
    await second.goto(url);
    await second.getByRole('heading', hello).waitFor();
    if (example.rendered) {
      const cookies = (await browser.cookies()).map(({ name, value }) => `${name}=${value}`);
      const rendered = await fetch(url, { headers: { cookie: cookies.join('; ') } });
      assert.equal(rendered.headers.get('cache-control'), 'private, no-store');
      const html = await rendered.text();
      assert.match(html, new RegExp(`Hello.*${ACCOUNT.email}`));
      assert.doesNotMatch(html, /eyJ/);
      assert.doesNotMatch(await (await fetch(url)).text(), new RegExp(ACCOUNT.email));
    }

    await second.getByRole('button', { name: 'Log out' }).click();
    for (const each of [page, second]) await each.getByRole('button', { name: 'Log in' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    assert.deepEqual(faults, []);
    // The other example uses Vite's preview server, which is not ours to test.
    if (example.rendered) await survivesAnyTarget(url);
  });
}
