/** `gatepass key …` beside a running server. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { runCommand } from '../support/command.ts';
import { type Running, startNode } from '../support/node.ts';
import { post, startProcess, workDirectory } from '../support/process.ts';
import { PASSWORD } from '../support/service.ts';
import { until } from '../support/until.ts';
import { headerOf } from './support/ring.ts';

type View = Record<string, unknown> & { kid: string; state: string };
const account = { email: 'alice@example.com', password: PASSWORD };

async function startRing(t: TestContext, alg: string, start: typeof startNode = startNode) {
  const directory = await workDirectory(t);
  const env = { GATEPASS_SIGNING_ALG: alg };
  const server = await start(t, directory, env);
  await post(server.url, '/api/users', account);
  const key = (...args: string[]) => runCommand(directory, ['key', ...args], '', env);
  const list = async (): Promise<View[]> => {
    const { code, stdout, stderr } = await key('list', '--json');
    assert.equal(code, 0, stderr);
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  };
  return { directory, server, key, list, env };
}

const logIn = async ({ url }: Running): Promise<{ access: string; refresh: string }> => {
  const answer = await post(url, '/api/token', account);
  assert.equal(answer?.status, 200);
  return answer?.body as { access: string; refresh: string };
};
const verify = async ({ url }: Running, token: string) =>
  (await post(url, '/api/token/verify', { token }))?.status;
const kidOf = (token: string) => headerOf(token)['kid'];

test('key list shows the secret and the ring, and with HS256 rotate is refused', async (t) => {
  const { key, list } = await startRing(t, 'HS256');
  const [secret, ...ring] = await list();
  assert.deepEqual(ring, []);
  assert.equal(secret?.['signs'], 'all tokens');
  assert.equal(secret?.['sealed'], false);
  const refused = await key('rotate');
  assert.equal(refused.code, 4);
  assert.match(refused.stderr, /gatepass key rotate --alg EdDSA/);
  assert.equal((await key('retire', 'nothing')).code, 3);
  assert.equal((await key('rotate', '--alg', 'none')).code, 2);
});

test('key rotate schedules the next key, prints its time and is idempotent', async (t) => {
  const { server, key, list } = await startRing(t, 'EdDSA');
  const [, current, next] = await list();
  assert.deepEqual([current?.state, next?.state], ['current', 'next']);
  const before = Date.now();
  const said = await key('rotate');
  assert.equal(said.code, 0, said.stderr);
  assert.ok(said.stdout.includes(`signed with ${current?.kid}.`));
  const [, , planned] = await list();
  assert.equal(planned?.kid, next?.kid);
  const at = Date.parse(String(planned?.['activates_at']));
  assert.ok(at >= before + 5000 && at < before + 400_000);
  assert.equal((await key('rotate')).stdout, said.stdout);
  assert.equal(kidOf((await logIn(server)).access), current?.kid);
});

test('ST14 an emergency: the tokens of a leaked key are void at running servers', async (t) => {
  const { directory, server, key, list, env } = await startRing(t, 'ES256', startProcess);
  const other = await startProcess(t, directory, env);
  const [, leaked, next] = await list();
  const { access, refresh } = await logIn(server);
  assert.equal(await verify(other, access), 200);
  const retired = await key('retire', String(leaked?.kid), '--now');
  assert.equal(retired.code, 0, retired.stderr);
  for (const place of [server, other])
    await until('the key is dead', async () => (await verify(place, access)) === 401);
  const after = await logIn(server);
  assert.equal(kidOf(after.access), next?.kid, 'the next one was published long ago');
  for (const place of [server, other]) {
    assert.equal(await verify(place, after.access), 200);
    assert.equal(await verify(place, refresh), 200, 'no user has to log in again');
  }
  assert.deepEqual(
    (await list()).slice(1).map(({ state }) => state),
    ['retired', 'current', 'next'],
  );
  const again = await key('retire', String(leaked?.kid), '--now');
  assert.equal(again.code, 4);
  const events = await runCommand(directory, ['audit', 'list', '--event', 'key.retire', '--json']);
  assert.deepEqual(JSON.parse(events.stdout).details, { kid: leaked?.kid });
});

test('a next key can be replaced before it ever signs', async (t) => {
  const { key, list } = await startRing(t, 'EdDSA');
  const [, current, next] = await list();
  assert.equal((await key('retire', String(next?.kid))).code, 0);
  const [, same, replaced, ...more] = await list();
  assert.equal(same?.kid, current?.kid);
  assert.notEqual(replaced?.kid, next?.kid);
  assert.equal(replaced?.state, 'next');
  assert.deepEqual(more, []);
});

test('a command changes the algorithm of a running service, and can be taken back', async (t) => {
  const { server, key, list } = await startRing(t, 'HS256');
  const { access } = await logIn(server);
  assert.equal((await key('rotate', '--alg', 'EdDSA')).code, 0);
  assert.deepEqual(
    (await list()).map(({ alg, state }) => [alg, state]),
    [
      ['HS256', 'current'],
      ['EdDSA', 'next'],
    ],
  );
  assert.equal((await key('rotate', '--alg', 'HS256')).code, 0);
  assert.equal((await list()).length, 1);
  assert.equal((await key('rotate', '--alg', 'EdDSA', '--now')).code, 0);
  await until('it signs', async () => kidOf((await logIn(server)).access) !== undefined);
  assert.equal(await verify(server, access), 200);
  assert.equal(await verify(server, (await logIn(server)).access), 200);
});

test('a leaked secret is replaced at once, after a confirmation', async (t) => {
  const { directory, server, key } = await startRing(t, 'HS256');
  const { access, refresh } = await logIn(server);
  assert.equal((await key('retire', 'hs256')).code, 4);
  assert.equal((await key('retire', 'hs256', '--now')).code, 0);
  for (const token of [access, refresh])
    await until('it is void', async () => (await verify(server, token)) === 401);
  assert.equal(await verify(server, (await logIn(server)).access), 200);
  const configured = await runCommand(directory, ['key', 'retire', 'hs256', '--now'], '', {
    GATEPASS_SECRET: '4b0d7ce20f1a9586d3b7a4c1e2f85960718293a4b5c6d7e8f90a1b2c3d4e5f60',
  });
  assert.equal(configured.code, 4);
  assert.match(configured.stderr, /GATEPASS_SECRET/);
});
