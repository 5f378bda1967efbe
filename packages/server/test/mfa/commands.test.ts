/** `gatepass user factors` and `remove-factor`, beside a running server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from '../support/command.ts';
import { databaseOf, workDirectory } from '../support/databases.ts';
import { startWithFactor } from './support/holder.ts';

test('an operator lists and removes factors; their sessions end and the password alone suffices', async (t) => {
  const directory = await workDirectory(t);
  const seed = await runCommand(directory, ['user', 'list']);
  assert.equal(seed.code, 0, seed.stderr);
  const held = await startWithFactor(
    t,
    { GATEPASS_DATABASE_URL: await databaseOf(directory) },
    // The command uses the system's clock.
    Date.now(),
  );
  const gatepass = (...args: string[]) => runCommand(directory, ['user', ...args]);
  const listed = await gatepass('factors', 'alice@example.com');
  assert.match(
    listed.stdout,
    /^1 {2}totp {2}since [\d-]+ {2}used \S+ {2}Authenticator app\n10 recovery codes left\.\n$/,
  );
  const json = JSON.parse((await gatepass('factors', '1', '--json')).stdout);
  assert.deepEqual([json.id, json.factors.length, json.recovery_codes_left], [1, 1, 10]);
  assert.equal(listed.stdout.includes(held.secret), false);
  const unknown = await gatepass('remove-factor', 'alice@example.com', '7');
  assert.equal(unknown.code, 3, unknown.stderr);
  assert.match(unknown.stderr, /has no second factor "7"/);
  assert.equal((await gatepass('remove-factor', 'alice@example.com')).code, 2);
  const removed = await gatepass('remove-factor', 'alice@example.com', '--all');
  assert.equal(removed.stdout, 'Removed factor 1 of alice@example.com.\n');
  assert.equal((await held.login()).status, 200);
  assert.equal((await held.service.refresh(held.pair.refresh)).status, 401);
  const none = await gatepass('factors', 'alice@example.com');
  assert.equal(none.stdout, 'alice@example.com has no second factor.\n');
});
