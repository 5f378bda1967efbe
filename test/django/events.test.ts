/** docs/events.md: its receivers for Django follow a Gatepass, in a real Django. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { startEvents } from '../../packages/server/test/events/support/reader.ts';
import { workDirectory } from '../../packages/server/test/support/databases.ts';
import { until } from '../../packages/server/test/support/until.ts';
import { blocksOf } from '../support/markdown.ts';
import { STACKS } from './django.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/events.md'), 'utf8');
const SETTINGS = `
SECRET_KEY = "of a test"
USE_TZ = True
INSTALLED_APPS = ["profiles"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
`;

for (const { name, python, missing: skip } of STACKS)
  test(`${name}: receivers make, change and delete what belongs to accounts`, {
    skip,
  }, async (t) => {
    const directory = await workDirectory(t);
    const service = await startEvents(t);
    const [models = '', receivers = '', command = ''] = blocksOf(PAGE, 'python');
    const files = {
      'settings.py': SETTINGS,
      'profiles/__init__.py': '',
      'profiles/models.py': models,
      'profiles/receivers.py': receivers,
      'profiles/management/__init__.py': '',
      'profiles/management/commands/__init__.py': '',
      'profiles/management/commands/follow_events.py': command,
    };
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
    const env = {
      PATH: process.env['PATH'],
      PYTHONPATH: directory,
      DJANGO_SETTINGS_MODULE: 'settings',
      EVENTS_URL: `${service.url}/api/events`,
      EVENTS_KEY: service.key,
    };
    const options = { cwd: directory, env, encoding: 'utf8' } as const;
    for (const args of [['makemigrations', 'profiles'], ['migrate']]) {
      const done = spawnSync(python, ['-m', 'django', ...args], options);
      assert.equal(done.status, 0, done.stderr);
    }
    const start = () => {
      const child = spawn(python, ['-m', 'django', 'follow_events'], {
        cwd: directory,
        env,
        stdio: 'ignore',
      });
      const exited = once(child, 'exit').then(([code]) => code);
      t.after(async () => {
        child.kill('SIGKILL');
        await exited;
      });
      return { child, exited };
    };
    const database = new DatabaseSync(join(directory, 'db.sqlite3'), { timeout: 10_000 });
    t.after(() => database.close());
    const profiles = () =>
      database
        .prepare('select user_id, last_login_at from profiles_profile order by user_id')
        .all()
        .map((row) => [row['user_id'], row['last_login_at'] !== null]);
    const become = (what: string, expected: unknown) =>
      until(what, () => JSON.stringify(profiles()) === JSON.stringify(expected), 100);

    const first = start();
    await service.register();
    await service.register('bob@example.com');
    await service.login();
    await become('accounts and a login', [
      [1, false],
      [2, true],
      [3, false],
    ]);
    first.child.kill('SIGKILL');
    await first.exited;
    await service.ask('/api/admin/users/2', { method: 'DELETE' }, service.token);
    await service.login('bob@example.com');
    const second = start();
    await become('what was missed', [
      [1, false],
      [3, true],
    ]);
    await service.ask(
      `/api/admin/api_keys/${service.key.slice(3, 11)}`,
      { method: 'DELETE' },
      service.token,
    );
    assert.notEqual(await second.exited, 0, 'a revoked key ends it');
  });
