/** What clears the counts against an account, and what does not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  HOME,
  type Limited,
  MINUTE,
  RIGHT,
  startLimited,
  VICTIM,
} from '../security/support/limited.ts';
import { runCommand } from '../support/command.ts';
import { newSharedDatabase, workDirectory } from '../support/databases.ts';

/** Guesses of as many networks; returns how many of them were looked at. */
async function attack(service: Limited, networks: readonly number[]): Promise<number> {
  let looked = 0;
  for (const i of networks) {
    const { status } = await service.loginFrom(`203.0.${i >> 8}.${i & 255}`);
    if (status === 401) looked++;
    else assert.equal(status, 429);
  }
  return looked;
}
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

test("the owner's login does not clear failures of others", async (t) => {
  const service = await startLimited(t);
  await service.registerFrom(HOME);
  assert.equal(await attack(service, range(0, 15)), 15);
  assert.equal((await service.loginFrom(HOME, VICTIM, RIGHT)).status, 200);
  const elsewhere = '198.51.100.77';
  assert.equal((await service.loginFrom(elsewhere, VICTIM, RIGHT)).status, 200);
  assert.equal(await attack(service, range(15, 40)), 5, 'fifteen and five are twenty');
});

test('the owner’s login clears failures of its own network, in that count and in the total', async (t) => {
  const service = await startLimited(t);
  await service.registerFrom(HOME);
  assert.equal(await attack(service, range(0, 10)), 10);
  const elsewhere = '198.51.100.77';
  for (let i = 0; i < 9; i++) assert.equal((await service.loginFrom(elsewhere)).status, 401);
  assert.equal((await service.loginFrom(elsewhere, VICTIM, RIGHT)).status, 200);
  assert.equal(await attack(service, range(10, 40)), 10);
  for (let i = 0; i < 10; i++) assert.equal((await service.loginFrom(elsewhere)).status, 401);
  assert.equal((await service.loginFrom(elsewhere)).status, 429);
});

test('frequent logins of the owner give an attacker with many networks no further guesses', async (t) => {
  const service = await startLimited(t);
  await service.registerFrom(HOME);
  let looked = 0;
  for (let minute = 0; minute < 45; minute++) {
    looked += await attack(service, [2 * minute, 2 * minute + 1]);
    if (minute % 3 === 0) assert.equal((await service.loginFrom(HOME, VICTIM, RIGHT)).status, 200);
    service.clock.advance(MINUTE);
  }
  assert.ok(looked >= 20 && looked <= 35, `${looked} guesses in three quarters of an hour`);
});

test('an operator clears all counts of an account: unlock, enable and a new password', async (t) => {
  const url = await newSharedDatabase(t);
  const service = await startLimited(t, { GATEPASS_DATABASE_URL: url });
  const directory = await workDirectory(t);
  const gatepass = (args: string[], stdin = '') =>
    runCommand(directory, args, stdin, { GATEPASS_DATABASE_URL: url });
  await service.registerFrom(HOME);
  await service.registerFrom(HOME, 'bob@example.com');
  const lock = async (elsewhere: string) => {
    for (let i = 0; i < 10; i++) await service.loginFrom(HOME);
    await attack(service, range(0, 30));
    for (const place of [HOME, elsewhere])
      assert.equal((await service.loginFrom(place, VICTIM, RIGHT)).status, 429, place);
    service.clock.advance(MINUTE);
  };

  await lock('198.51.100.77');
  const unlocked = await gatepass(['user', 'unlock', 'Alice@example.com', 'bob@example.com']);
  assert.equal(unlocked.code, 0, unlocked.stderr);
  assert.equal(unlocked.stdout, 'Unlocked alice@example.com.\nUnlocked bob@example.com.\n');
  for (const place of [HOME, '198.51.100.77'])
    assert.equal((await service.loginFrom(place, VICTIM, RIGHT)).status, 200, place);

  await lock('198.51.100.78');
  for (const verb of ['disable', 'enable'])
    assert.equal((await gatepass(['user', verb, VICTIM])).code, 0);
  assert.equal((await service.loginFrom(HOME, VICTIM, RIGHT)).status, 200);

  await lock('198.51.100.79');
  const next = 'granite otter parade 41';
  assert.equal((await gatepass(['user', 'set-password', VICTIM], next)).code, 0);
  assert.equal((await service.loginFrom(HOME, VICTIM, next)).status, 200);

  const strange = await gatepass(['user', 'unlock', 'bob@example.com', 'nobody@example.com']);
  assert.equal(strange.code, 3, strange.stderr);
  assert.equal(strange.stdout, 'Unlocked bob@example.com.\n');
  const events = await service.database.db.selectFrom('audit_events').selectAll().execute();
  const unlocks = events.filter(({ event }) => event === 'user.unlock');
  assert.deepEqual(
    unlocks.map(({ user_id, actor }) => [user_id, actor]),
    [
      [1, 'operator'],
      [2, 'operator'],
      [2, 'operator'],
    ],
  );
});
