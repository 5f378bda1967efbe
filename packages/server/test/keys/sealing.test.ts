/** Keys at rest: sealed, unsealed, sealed otherwise, and refused when they do not open. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config/config.ts';
import { type OpenDatabase, openDatabase } from '../../src/database/open.ts';
import { runCommand, runGatepass } from '../support/command.ts';
import { startNode } from '../support/node.ts';
import { workDirectory } from '../support/process.ts';
import { sharedDatabase, type Variables } from './support/ring.ts';

const newKey = () => randomBytes(32).toString('hex');
const clock = { now: () => Date.UTC(2026, 0, 1) };

/** Starts a service and stops it again. */
async function startAndStop(variables: Variables): Promise<void> {
  const config = readConfig({ GATEPASS_SIGNING_ALG: 'EdDSA', ...variables });
  const database = openDatabase(config.databaseUrl);
  try {
    await database.migrate();
    const logger = pino({ level: 'silent' });
    const { app } = await createApp({ config, database, clock, logger });
    await app.listen({ host: '127.0.0.1', port: 0 });
    await app.close();
  } finally {
    await database.close();
  }
}

async function withRows<T>(
  variables: Variables,
  work: (database: OpenDatabase) => Promise<T>,
): Promise<T> {
  const database = openDatabase(String(variables['GATEPASS_DATABASE_URL']));
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

const stored = (variables: Variables) =>
  withRows(variables, async ({ db }) =>
    (await db.selectFrom('signing_keys').selectAll().orderBy('kid').execute()).map((row) => ({
      ...row,
      secret: Buffer.from(row.secret),
    })),
  );

async function sealedRing(t: TestContext) {
  const shared = await sharedDatabase(t);
  const master = newKey();
  const variables = { ...shared, GATEPASS_MASTER_KEY: master };
  return { shared, master, variables };
}

test('the first start with a master key seals existing keys without changing them', async (t) => {
  const { shared, master, variables } = await sealedRing(t);
  await startAndStop(shared);
  const clear = await stored(shared);
  assert.equal(clear.length, 3);
  assert.ok(clear.every(({ sealed_by }) => sealed_by === null));
  await startAndStop(variables);
  const sealed = await stored(shared);
  assert.ok(sealed.every(({ sealed_by }) => /^[0-9a-f]{16}$/.test(String(sealed_by))));
  for (const [i, { secret }] of clear.entries()) {
    assert.ok(!sealed[i]?.secret.includes(secret.subarray(-32)), 'nothing of it is left');
    assert.ok(!sealed[i]?.secret.includes(Buffer.from(master, 'hex')));
  }
  // And open again when it is given away.
  await startAndStop({ ...shared, GATEPASS_MASTER_KEY_PREVIOUS: master });
  assert.deepEqual(await stored(shared), clear);
});

test('new keys are sealed at once, and a new master key takes over with the help of the previous one', async (t) => {
  const { shared, master, variables } = await sealedRing(t);
  await startAndStop(variables);
  const before = await stored(shared);
  assert.ok(before.every(({ sealed_by }) => sealed_by !== null));
  const another = randomBytes(32).toString('base64url');
  await startAndStop({
    ...shared,
    GATEPASS_MASTER_KEY: another,
    GATEPASS_MASTER_KEY_PREVIOUS: master,
  });
  const after = await stored(shared);
  assert.deepEqual(
    after.map(({ kid }) => kid),
    before.map(({ kid }) => kid),
  );
  assert.ok(after.every(({ sealed_by }, i) => sealed_by !== before[i]?.sealed_by));
  await startAndStop({ ...shared, GATEPASS_MASTER_KEY: another });
  await assert.rejects(startAndStop(variables), { name: 'MasterKeyError' });
});

test('with a wrong or missing master key the start fails with both fingerprints and exit code 2', async (t) => {
  const { shared, variables } = await sealedRing(t);
  await startAndStop(variables);
  const [{ sealed_by } = { sealed_by: '' }] = await stored(shared);
  const directory = await workDirectory(t);
  const wrong = newKey();
  for (const env of [shared, { ...shared, GATEPASS_MASTER_KEY: wrong }])
    for (const args of [['serve'], ['key', 'list'], ['key', 'rotate', '--alg', 'ES256']]) {
      const run = args[0] === 'serve' ? runGatepass : runCommand;
      const { code, stderr } = await run(directory, args, '', {
        GATEPASS_PORT: '0',
        ...env,
      });
      assert.equal(code, 2, stderr);
      assert.match(stderr, /^The signing key \S+ is sealed by the master key [0-9a-f]{16}, and /);
      assert.ok(stderr.includes(String(sealed_by)) && !stderr.includes(wrong));
    }
  const several = { ...shared, GATEPASS_PORT: '0', GATEPASS_WORKERS: '2' };
  assert.equal((await runGatepass(directory, ['serve'], '', several)).code, 2);
  const doctor = await runCommand(directory, ['doctor'], '', shared);
  assert.match(doctor.stdout, /FAULT {4}stored keys: The signing key/);
});

test('a sealed key opens only unchanged and under its own name and algorithm', async (t) => {
  const { shared, variables } = await sealedRing(t);
  await startAndStop(variables);
  const rows = await stored(shared);
  const first = rows.find(({ alg, state }) => alg === 'EdDSA' && state === 'current');
  const second = rows.find(({ alg, state }) => alg === 'EdDSA' && state === 'next');
  assert.ok(first && second);
  const flipped = Buffer.from(first.secret);
  flipped[20] = (flipped[20] ?? 0) ^ 1;
  const spoiled = [
    { secret: second.secret },
    { secret: flipped },
    { secret: first.secret.subarray(0, 40) },
    { secret: first.secret.subarray(0, 3) },
    { alg: 'ES256' },
  ];
  const change = (values: Partial<typeof first>) =>
    withRows(shared, ({ transaction }) =>
      transaction(async ({ db }) => {
        await db.updateTable('signing_keys').set(values).where('kid', '=', first.kid).execute();
      }),
    );
  for (const values of spoiled) {
    await change(values);
    await assert.rejects(startAndStop(variables), { name: 'MasterKeyError' });
    await change({ secret: first.secret, alg: first.alg });
  }
  await startAndStop(variables);
});

test('a master key that is weak, too short or the secret itself is refused', () => {
  const secret = newKey();
  for (const text of [
    ...['0'.repeat(64), 'ab'.repeat(32), newKey().slice(1), `${newKey()}0`, 'A'.repeat(43)],
    ...[randomBytes(32).toString('base64'), 'correct horse battery staple', secret],
  ].filter((each) => !/^[\w-]{43}=?$/.test(each) || new Set(each).size < 10))
    assert.throws(
      () => readConfig({ GATEPASS_SECRET: secret, GATEPASS_MASTER_KEY: text }),
      ({ name, message }: Error) => name === 'ConfigError' && !message.includes(text),
      text,
    );
});

test('doctor reports whether stored keys are sealed', async (t) => {
  const { shared, variables } = await sealedRing(t);
  const directory = await workDirectory(t);
  await startAndStop(shared);
  const clear = await runCommand(directory, ['doctor'], '', shared);
  assert.equal(clear.code, 0);
  assert.match(clear.stdout, /warning {2}stored keys: 3 of 3 in clear/);
  await startAndStop(variables);
  const sealed = await runCommand(directory, ['doctor'], '', variables);
  assert.match(sealed.stdout, /ok {7}stored keys: 3, sealed/);
});

test('a process that cannot open a new key keeps its keys and fails /readyz', async (t) => {
  const directory = await workDirectory(t);
  const { url } = await startNode(t, directory, { GATEPASS_SIGNING_ALG: 'EdDSA' });
  const sealing = { GATEPASS_MASTER_KEY: newKey() };
  const ready = async () => (await (await fetch(`${url}/readyz`)).json()) as { keys: string };
  // The process itself may be the one that adds the key after next, and does not seal it.
  for (let i = 0; i < 10 && (await ready()).keys === 'ok'; i++) {
    const rotated = await runCommand(directory, ['key', 'rotate', '--now'], '', sealing);
    assert.equal(rotated.code, 0, rotated.stderr);
    for (let j = 0; j < 40 && (await ready()).keys === 'ok'; j++) await sleep(100);
  }
  assert.equal((await ready()).keys, 'unavailable');
  const jwks = (await (await fetch(`${url}/.well-known/jwks.json`)).json()) as { keys: object[] };
  assert.ok(jwks.keys.length >= 2);
});
