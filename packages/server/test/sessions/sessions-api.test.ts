/** The list of sessions and ending them by hand (LO06), as their owner sees it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Service, startService } from '../support/service.ts';
import { until } from '../support/until.ts';
import {
  assertAlive,
  assertDead,
  assertRefused,
  HOUR,
  logIn,
  MINUTE,
  ROTATING,
  remove,
  rotate,
  rowOf,
  STRICT,
  sessionIdOf,
} from './support/holder.ts';

const PATH = '/api/sessions';

const list = async (service: Service, access: string) => {
  const answer = await service.send(PATH, { headers: { authorization: `Bearer ${access}` } });
  assert.equal(answer.status, 200, answer.text);
  return answer.body.sessions;
};

test('the list has the open sessions of the account, the most recently used first', async (t) => {
  const service = await startService(t, ROTATING);
  const first = await logIn(service);
  await logIn(service, 'bob@example.com');
  service.clock.advance(MINUTE);
  const second = await logIn(service);
  service.clock.advance(MINUTE);
  const third = await logIn(service);
  const ids = [first, second, third].map(({ refresh }) => sessionIdOf(refresh));
  const shown = await list(service, second.access);
  assert.deepEqual(
    shown.map(({ id }: { id: string }) => id),
    ids.toReversed(),
  );
  assert.deepEqual(
    shown.map(({ current }: { current: boolean }) => current),
    [false, true, false],
  );
  assert.deepEqual(Object.keys(shown[0]), [
    'id',
    'current',
    'created_at',
    'last_used_at',
    'expires_at',
    'user_agent',
    'address',
  ]);
  service.clock.advance(MINUTE);
  await rotate(service, first.refresh);
  const [newest] = await list(service, third.access);
  assert.equal(newest.id, ids[0]);
  assert.equal(newest.last_used_at, new Date(service.clock.now()).toISOString());
  assert.equal(newest.address, '127.0.0.1');
});

test('a session that has ended or expired is not in the list', async (t) => {
  const service = await startService(t, STRICT);
  const old = await logIn(service);
  service.clock.advance(23 * HOUR);
  const ended = await logIn(service);
  const open = await logIn(service);
  assert.equal((await list(service, open.access)).length, 3);
  await remove(service, `${PATH}/${sessionIdOf(ended.refresh)}`, open.access);
  assert.equal((await list(service, open.access)).length, 2);
  service.clock.advance(HOUR + MINUTE);
  const fresh = await logIn(service);
  const ids = (await list(service, fresh.access)).map(({ id }: { id: string }) => id);
  assert.ok(!ids.includes(sessionIdOf(old.refresh)));
  assert.equal(ids.length, 2);
});

test('without rotation the last use has a precision of 15 minutes', async (t) => {
  const service = await startService(t, STRICT);
  const { access, refresh } = await logIn(service);
  const start = service.clock.now();
  service.clock.advance(4 * MINUTE);
  await service.refresh(refresh);
  const [shown] = await list(service, access);
  assert.equal(Date.parse(shown.last_used_at), start);
  service.clock.advance(12 * MINUTE);
  const { body } = await service.refresh(refresh);
  // It is recorded after the response.
  await until('the last use is recorded', async () => {
    const [later] = await list(service, body.access);
    return Date.parse(later.last_used_at) === service.clock.now();
  });
});

test('a user agent is cut to 200 characters and is text in the response', async (t) => {
  const service = await startService(t, STRICT);
  await service.register();
  const agent = `<script>${'x'.repeat(400)}`;
  const { body } = await service.post(
    '/api/token',
    { email: 'alice@example.com', password: 'correct horse 9 battery' },
    { 'user-agent': agent },
  );
  const [shown] = await list(service, body.access);
  assert.equal(shown.user_agent, agent.slice(0, 200));
});

test('DELETE of one session ends it and no other; again it is 404', async (t) => {
  const service = await startService(t, ROTATING);
  const [one, two] = [await logIn(service), await logIn(service)];
  const path = `${PATH}/${sessionIdOf(two.refresh)}`;
  const answer = await remove(service, path, one.access);
  assert.deepEqual([answer.status, answer.text], [204, '']);
  await assertDead(service, two);
  await assertAlive(service, one);
  assert.equal((await remove(service, path, one.access)).status, 404);
  assert.equal((await rowOf(service, two.refresh))?.end_reason, 'ended_by_user');
});

test('LO06 a foreign session is 404, is not shown, and lives on', async (t) => {
  const service = await startService(t, ROTATING);
  const alice = await logIn(service);
  const bob = await logIn(service, 'bob@example.com');
  const foreign = `${PATH}/${sessionIdOf(bob.refresh)}`;
  const unknown = await remove(service, `${PATH}/${'A'.repeat(22)}`, alice.access);
  const refused = await remove(service, foreign, alice.access);
  assert.deepEqual([refused.status, refused.text], [404, unknown.text]);
  const patched = await service.send(foreign, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${alice.access}` },
  });
  assert.equal(patched.status, 405);
  await remove(service, `${PATH}?scope=all`, alice.access);
  await assertDead(service, alice);
  await assertAlive(service, bob);
  const shown = await list(service, bob.access);
  assert.equal(shown.length, 1);
});

test('DELETE of the others keeps the caller’s session', async (t) => {
  const service = await startService(t, ROTATING);
  const [one, two, three] = [await logIn(service), await logIn(service), await logIn(service)];
  assert.equal((await remove(service, `${PATH}?scope=others`, two.access)).status, 204);
  await assertDead(service, one);
  await assertDead(service, three);
  await assertAlive(service, two);
});

const scopes = ['', '?scope=', '?scope=everything', '?scope=All', '?all=1'];
for (const query of scopes) {
  test(`DELETE ${PATH}${query} is a 400 about scope and ends nothing`, async (t) => {
    const service = await startService(t, ROTATING);
    const pair = await logIn(service);
    const { status, body } = await remove(service, PATH + query, pair.access);
    assert.equal(status, 400);
    assert.deepEqual(Object.keys(body), ['scope']);
    await assertAlive(service, pair);
  });
}

test('a repeated query parameter counts with its last value', async (t) => {
  const service = await startService(t, ROTATING);
  const { access } = await logIn(service);
  const { body } = await remove(service, `${PATH}?scope=all&scope=x`, access);
  assert.deepEqual(Object.keys(body), ['scope']);
});

test('listing and ending sessions require an access token', async (t) => {
  const service = await startService(t, ROTATING);
  const { refresh } = await logIn(service);
  for (const method of ['GET', 'DELETE']) {
    assert.equal((await service.send(`${PATH}?scope=all`, { method })).status, 401);
    const headers = { authorization: `Bearer ${refresh}` };
    assert.equal((await service.send(`${PATH}?scope=all`, { method, headers })).status, 401);
  }
  assertRefused(await service.refresh('x.y.z'), 'malformed');
  assert.equal((await service.refresh(refresh)).status, 200);
});
