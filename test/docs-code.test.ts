/** The code in the documentation runs, and prints what it says. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as markdown from './support/markdown.ts';
import { runModule, runShell } from './support/run.ts';
import { startService } from './support/service.ts';

const pages = markdown.pagesOf(join(import.meta.dirname, '..'));
const page = (path: string) => pages.find((each) => each.path === path)?.text ?? '';
const { app, stop } = await startService();
after(stop);

const here = (code: string) => code.replaceAll('http://127.0.0.1:8000', app.listeningOrigin);
const hasCurl = spawnSync('curl', ['--version']).status === 0;

test("the README's first commands print what it says", { skip: !hasCurl }, async () => {
  const english = markdown.blocksOf(page('README.md'));
  assert.equal(english[0], 'npm ci\nnpm start\n');
  assert.deepEqual(markdown.blocksOf(page('README.ru.md')).slice(0, 3), english.slice(0, 3));
  const [, commands = '', printed = ''] = english;
  const stdout = await runShell(here(commands));
  assert.equal(stdout.replace(/eyJ[\w.-]+/g, 'eyJ…'), printed);
});

test("the README's JavaScript runs: a refresh, the list of sessions, a logout", async () => {
  const payload = { email: 'user@example.com', password: 'correct horse 9 battery' };
  await app.inject({ method: 'POST', url: '/api/users', payload });
  for (const path of ['README.md', 'README.ru.md']) {
    await app.inject({ method: 'POST', url: '/api/token', payload });
    const code = markdown.blocksOf(page(path), 'js').join('');
    const seeMe = `console.log((await fetch(api + '/api/users/me', { headers })).status);`;
    const lines = (await runModule(here(code) + seeMe)).trimEnd().split('\n');
    assert.equal(lines[0], "{ id: 1, email: 'user@example.com' }", path);
    assert.ok(lines.slice(1, -1).some((line) => /Z lightMyRequest 127\.0\.0\.1$/.test(line)));
    assert.equal(lines.at(-1), '401', path);
  }
});

test('the reader of the feed in docs/sessions.md learns of a logout', async () => {
  const payload = { email: 'feed@example.com', password: 'correct horse 9 battery' };
  await app.inject({ method: 'POST', url: '/api/users', payload });
  const login = async () =>
    (await app.inject({ method: 'POST', url: '/api/token', payload })).json<{ refresh: string }>();
  const [ended, open] = [await login(), await login()];
  await app.inject({ method: 'POST', url: '/api/token/blacklist', payload: ended });
  const claims = [ended, open].map(({ refresh }) => atob(refresh.split('.')[1] ?? ''));
  const [reader = ''] = markdown.blocksOf(page('docs/sessions.md'), 'js');
  const ask = `await follow(); console.log([${claims}].map(isRevoked).join());`;
  assert.equal(await runModule(here(reader) + ask), 'true,false\n');
});
