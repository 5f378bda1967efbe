/** `gatepass user reset-link`, beside a running server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from './support/command.ts';
import { newSharedDatabase, workDirectory } from './support/databases.ts';
import { SECRET, startService } from './support/service.ts';

const NEW_PASSWORD = 'granite otter parade 41';

test('the command line prints a link that sets a new password once', async (t) => {
  const env = {
    GATEPASS_DATABASE_URL: await newSharedDatabase(t),
    GATEPASS_SECRET: SECRET,
    GATEPASS_PUBLIC_URL: 'https://id.example.com',
  };
  // The command line has the system's clock.
  const service = await startService(t, env, { clock: { now: Date.now, advance() {} } });
  await service.register();
  const { refresh } = (await service.login()).body;
  const directory = await workDirectory(t);
  const gatepass = (args: string[], more = {}) =>
    runCommand(directory, ['user', 'reset-link', ...args], '', { ...env, ...more });

  const shown = await gatepass(['alice@example.com', 'bob@example.com']);
  assert.equal(shown.code, 3, shown.stderr);
  assert.match(shown.stdout, /^alice@example\.com sets a new password, once and until 20\S+:\n/);
  const printed = JSON.parse((await gatepass(['1', '--json'])).stdout);
  assert.equal(printed.email, 'alice@example.com');
  const use = (link: string) => {
    const [, uid, token] = /#uid=(\w+)&token=([\w-]+)/.exec(link) ?? [];
    const body = { uid, token, new_password: NEW_PASSWORD };
    return service.post('/api/users/reset_password_confirm', body).then(({ status }) => status);
  };
  assert.equal(await use(shown.stdout), 400, 'replaced by the newer one');
  assert.equal((await service.refresh(refresh)).status, 200);
  assert.deepEqual([await use(printed.link), await use(printed.link)], [204, 400]);
  assert.equal((await service.login('alice@example.com', NEW_PASSWORD)).status, 200);
  const events = await service.database.db
    .selectFrom('audit_events')
    .select(['actor', 'user_id'])
    .where('event', '=', 'user.reset_link')
    .execute();
  assert.deepEqual(
    events.map(({ actor, user_id }) => [actor, user_id]),
    [
      ['operator', 1],
      ['operator', 1],
    ],
  );

  const nowhere = await gatepass(['1'], { GATEPASS_PUBLIC_URL: '' });
  assert.equal(nowhere.code, 4);
  assert.match(nowhere.stderr, /set GATEPASS_PUBLIC_URL/);
});
