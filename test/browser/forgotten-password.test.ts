/**
 * The README's walk in a real browser: `GATEPASS_SMTP_URL=log:`, ask for a new password, open the link
 * of the log, set it. No public URL is set, and the port is whatever is free: the links have it.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { BIN, environmentOf } from '../../packages/server/test/support/process.ts';
import { ACCOUNT } from './browser.ts';
import { noChromium, openContext } from './chromium.ts';

const NEW_PASSWORD = 'granite otter parade 41';

type Line = { readonly url?: string; readonly msg: string };

/** A service as the README starts it, and a way to read on in its log. */
async function startLogged(stack: AsyncDisposableStack, cwd: string) {
  const env = await environmentOf(cwd, { GATEPASS_SMTP_URL: 'log:', GATEPASS_PORT: '0' });
  const child = spawn(process.execPath, [BIN, 'serve'], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  stack.defer(async () => {
    child.kill();
    if (child.exitCode === null) await once(child, 'exit');
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async function find(isIt: (line: Line) => unknown): Promise<Line> {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error('the service ended');
      const line: Line = JSON.parse(value);
      if (isIt(line)) return line;
    }
  };
}

test('a forgotten password is reset with the link that the log shows', {
  skip: noChromium,
}, async () => {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'gatepass-forgotten-'));
  stack.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  const find = await startLogged(stack, directory);
  const { url } = await find((line) => line.url);
  const post = (path: string, body: object) =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  assert.equal((await post('/api/users', ACCOUNT)).status, 201);

  const page = await stack.use(await openContext()).newPage();
  await page.goto(`${url}/account/forgot`);
  await page.locator('[name=email]').fill(ACCOUNT.email);
  await page.getByRole('button').click();
  await page.getByRole('status').waitFor();

  const { msg } = await find(({ msg }) => msg.startsWith(`mail to ${ACCOUNT.email}`));
  const link = /https?:\S+/.exec(msg)?.[0] ?? '';
  await page.goto(link);
  await page.locator('[name=new_password]').fill(NEW_PASSWORD);
  await page.getByRole('button').click();
  await page.getByRole('status').waitFor();

  assert.equal((await post('/api/token', { ...ACCOUNT, password: NEW_PASSWORD })).status, 200);
  assert.equal((await post('/api/token', ACCOUNT)).status, 401);
});
