/** docs/events.md: its receiver for Node.js runs; `npm run chaos -- I13` kills it at random. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import * as markdown from '../../../../test/support/markdown.ts';
import { workDirectory } from '../support/databases.ts';
import { until } from '../support/until.ts';
import { startEvents } from './support/reader.ts';

const PAGE = join(import.meta.dirname, '../../../../docs/events.md');

test('the receiver of the documentation continues where it was killed and ends with its key', async (t) => {
  const directory = await workDirectory(t);
  const service = await startEvents(t);
  const [recipe = ''] = markdown.blocksOf(await readFile(PAGE, 'utf8'), 'js');
  const program = join(directory, 'receiver.mjs');
  await writeFile(program, recipe);
  const seen: string[] = [];
  const start = () => {
    const env = { EVENTS_URL: `${service.url}/api/events`, EVENTS_KEY: service.key };
    const child = spawn(process.execPath, [program], {
      cwd: directory,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    createInterface({ input: child.stdout }).on('line', (line) => seen.push(JSON.parse(line).type));
    const exited = once(child, 'exit').then(([code]) => code);
    t.after(async () => {
      child.kill('SIGKILL');
      await exited;
    });
    return { child, exited };
  };
  const position = () => readFile(join(directory, 'events.position'), 'utf8').catch(() => '0');
  const first = start();
  await until('what was there', () => seen.length > 0);
  const { newest } = await service.read();
  await until('its position', async () => (await position()) === String(newest));
  first.child.kill('SIGKILL');
  await first.exited;
  seen.length = 0;
  await service.register();
  await service.login();
  const second = start();
  await until('what was missed', () => seen.length === 2);
  assert.deepEqual(seen, ['user.created', 'session.opened']);
  const id = service.key.slice(3, 11);
  await service.ask(`/api/admin/api_keys/${id}`, { method: 'DELETE' }, service.token);
  assert.equal(await second.exited, 1);
});
