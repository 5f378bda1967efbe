/** The list of sessions page by page, its limit, and who may end many of them (AB04). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertThrottled } from '../security/support/limited.ts';
import { claimsOf, PASSWORD, type Service, startService } from '../support/service.ts';
import { pairOf, seedSessions } from './support/crowd.ts';
import {
  assertAlive,
  assertDead,
  HOUR,
  logIn,
  MINUTE,
  ROTATING,
  remove,
  rotate,
} from './support/holder.ts';

const PATH = '/api/sessions';

const get = (service: Service, access: string, path = PATH) =>
  service.send(path, { headers: { authorization: `Bearer ${access}` } });

type Shown = { readonly id: string; readonly last_used_at: string };

/** Follows `Link` to its end. @returns the pages */
async function readAll(service: Service, access: string, path: string): Promise<Shown[][]> {
  const pages: Shown[][] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const { status, body, headers, text } = await get(service, access, next);
    assert.equal(status, 200, text);
    pages.push(body.sessions);
    const link = /^<(\/api\/sessions\?[^>]+)>; rel="next"$/.exec(headers.get('link') ?? '');
    next = link?.[1];
    const cursor = next && new URLSearchParams(next.split('?')[1]).get('cursor');
    assert.equal(body.next, cursor ?? undefined, 'the body says what the header says');
    assert.ok(pages.length < 100);
  }
  return pages;
}

test('a short list has the same shape as before', async (t) => {
  const service = await startService(t, ROTATING);
  const { access } = await logIn(service);
  const { body, headers } = await get(service, access);
  assert.deepEqual(Object.keys(body), ['sessions']);
  assert.equal(headers.get('link'), null);
});

test('pages contain each session once, the most recently used first, even with equal times', async (t) => {
  const service = await startService(t, ROTATING);
  const { access } = await logIn(service);
  const userId = Number(claimsOf(access)['user_id']);
  const now = service.clock.now();
  // Three of each moment, so that pages end in the middle of one.
  await seedSessions(service.database, userId, 30, (i) => now - Math.floor(i / 3) * MINUTE);
  for (const limit of [1, 7, 31, 100]) {
    const pages = await readAll(service, access, `${PATH}?limit=${limit}`);
    assert.deepEqual(
      pages.map(({ length }) => length),
      [...Array(Math.ceil(31 / limit) - 1).fill(limit), 31 % limit || limit],
    );
    const all = pages.flat();
    assert.equal(new Set(all.map(({ id }) => id)).size, 31);
    const times = all.map(({ last_used_at: at }) => Date.parse(at));
    assert.deepEqual(
      times,
      times.toSorted((a, b) => b - a),
    );
  }
});

test('AB04 an account far above its limit of sessions gets a page of a hundred', async (t) => {
  const service = await startService(t, ROTATING);
  const { access } = await logIn(service);
  const userId = Number(claimsOf(access)['user_id']);
  await seedSessions(service.database, userId, 5000, (i) => service.clock.now() - i);
  const { status, body } = await get(service, access);
  assert.equal(status, 200);
  assert.equal(body.sessions.length, 100);
  assert.equal(typeof body.next, 'string');
});

const faulty = [
  ['limit', '0'],
  ['limit', '101'],
  ['limit', '-1'],
  ['limit', '1e1'],
  ['limit', ''],
  ['cursor', ''],
  ['cursor', 'x'],
  ['cursor', Buffer.from('1.').toString('base64url')],
  ['cursor', Buffer.from("1.' or 1=1 --").toString('base64url')],
  ['cursor', Buffer.from(`${'9'.repeat(16)}.a`).toString('base64url')],
] as const;
test('an invalid limit or cursor is a 400 about it', async (t) => {
  const service = await startService(t, ROTATING);
  const { access } = await logIn(service);
  for (const [name, value] of faulty) {
    const { status, body } = await get(service, access, `${PATH}?${name}=${value}`);
    assert.deepEqual([status, Object.keys(body)], [400, [name]], value);
  }
});

test('AB04 lists and ends of an account share a limit that does not affect other accounts', async (t) => {
  const service = await startService(t, {
    ...ROTATING,
    GATEPASS_RATE_LIMITS: 'on',
    GATEPASS_LIMITS: 'look-session=1000/1m',
  });
  const { access } = await logIn(service);
  const bob = await logIn(service, 'bob@example.com');
  const asked = Array.from({ length: 119 }, () => get(service, access));
  for (const { status } of await Promise.all(asked)) assert.equal(status, 200);
  assert.equal((await remove(service, `${PATH}/unknown`, access)).status, 404);
  const seconds = 60 - (Math.floor(service.clock.now() / 1000) % 60);
  assertThrottled(await get(service, access), 'sessions-account', seconds);
  assertThrottled(await remove(service, `${PATH}?scope=all`, access), 'sessions-account', seconds);
  assert.equal((await get(service, bob.access)).status, 200);
  service.clock.advance(MINUTE);
  assert.equal((await get(service, access)).status, 200);
});

const endMany = (service: Service, access: string, scope: string, body?: object) =>
  service.send(`${PATH}?scope=${scope}`, {
    method: 'DELETE',
    headers: {
      authorization: `Bearer ${access}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });

for (const scope of ['all', 'others']) {
  test(`ending ${scope} requires a login of the last ten minutes, or the password`, async (t) => {
    const service = await startService(t, { ...ROTATING, GATEPASS_ACCESS_TOKEN_LIFETIME: '1h' });
    const other = await logIn(service);
    const first = await logIn(service);
    service.clock.advance(9 * MINUTE);
    const { access } = await rotate(service, first.refresh);
    service.clock.advance(MINUTE);
    const refused = await endMany(service, access, scope);
    assert.deepEqual(
      [refused.status, refused.body],
      [
        403,
        {
          detail: 'Log in again, or send the current password.',
          code: 'reauthentication_required',
        },
      ],
    );
    const wrong = await endMany(service, access, scope, { current_password: 'wrong otter 41' });
    assert.deepEqual([wrong.status, Object.keys(wrong.body)], [400, ['current_password']]);
    const number = await endMany(service, access, scope, { current_password: 7 });
    assert.deepEqual([number.status, Object.keys(number.body)], [400, ['current_password']]);
    await assertAlive(service, other);
    const right = await endMany(service, access, scope, { current_password: PASSWORD });
    assert.equal(right.status, 204, right.text);
    await assertDead(service, other);
  });
}

test('wrong passwords at ends of sessions count as failed logins', async (t) => {
  const service = await startService(t, { ...ROTATING, GATEPASS_RATE_LIMITS: 'on' });
  const { access } = await logIn(service);
  const wrong = { current_password: 'wrong otter parade 41' };
  for (let i = 0; i < 10; i++)
    assert.equal((await endMany(service, access, 'all', wrong)).status, 400);
  assert.equal((await endMany(service, access, 'all', wrong)).status, 429);
});

test('a single session is ended with the access token alone, however old the login', async (t) => {
  const service = await startService(t, { ...ROTATING, GATEPASS_ACCESS_TOKEN_LIFETIME: '1d' });
  const { access } = await logIn(service);
  const userId = Number(claimsOf(access)['user_id']);
  const [id = ''] = await seedSessions(service.database, userId, 1, () => service.clock.now());
  service.clock.advance(HOUR);
  assert.equal((await remove(service, `${PATH}/${id}`, access)).status, 204);
  assert.equal((await service.refresh(pairOf(service, id, userId).refresh)).status, 401);
});
