/**
 * docs/security-cases.md, RF05–RF08: refreshes at the same moment as each other, and as an end of
 * the session.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from '../support/process.ts';
import { PASSWORD, startService } from '../support/service.ts';
import { until } from '../support/until.ts';
import { createRandom } from './support/faulty.ts';
import { age, logIn, type Pair, ROTATING, rowOf } from './support/holder.ts';
import {
  type Answer,
  bearer,
  call,
  refreshAt,
  rounds,
  startPair,
  verifyAt,
} from './support/processes.ts';

const PARALLEL = 50;
/** Rounds of refreshing against an end of the session, each with an account of its own. */
const AT_ONCE = 5;

test('RF05 50 simultaneous refreshes at one server get one successor and spend the token once', async (t) => {
  const service = await startService(t, ROTATING);
  const { refresh } = await logIn(service);
  const answers = await Promise.all(
    Array.from({ length: PARALLEL }, () => service.refresh(refresh)),
  );
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  assert.equal(new Set(answers.map(({ body }) => body.refresh)).size, 1);
  assert.equal((await rowOf(service, refresh))?.generation, 1);
});

type Arena = Awaited<ReturnType<typeof startPair>>;

async function refreshTogether(t: TestContext, { a, b, ...arena }: Arena): Promise<void> {
  const { newUser, newSession, database } = arena;
  const total = rounds(20, 200);
  let { refresh } = await newSession(await newUser());
  for (let round = 1; round <= total; round++) {
    const answers = await Promise.all(
      Array.from({ length: PARALLEL }, (_, i) => refreshAt(i % 2 ? a : b, refresh)),
    );
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200], `round ${round}`);
    const successors = new Set(answers.map(({ body }) => String(body['refresh'])));
    assert.equal(successors.size, 1, `round ${round}`);
    assert.equal((await rowOf({ database }, refresh))?.generation, round);
    refresh = [...successors].join();
    await age({ database }, refresh);
  }
  t.diagnostic(`${total} rounds of ${PARALLEL} refreshes`);
}

/** Ends the session of `pair` (and perhaps others) at server B or beside both servers. */
type End = (arena: Arena, email: string, pair: Pair, other: Pair) => Promise<Answer | undefined>;

const password = { current_password: PASSWORD };

const ends: { name: string; end: End }[] = [
  {
    name: 'RF07 logout',
    end: ({ b }, _email, { refresh }) => call(b, '/api/token/blacklist', { refresh }),
  },
  {
    name: 'RF07 logout of all the others',
    end: ({ b }, _email, _pair, { access }) =>
      bearer(b, 'DELETE', '/api/sessions?scope=others', access),
  },
  {
    name: 'RF08 password change',
    end: ({ b }, _email, _pair, { access }) =>
      bearer(b, 'POST', '/api/users/me/password', access, {
        ...password,
        new_password: 'granite otter parade 41',
      }),
  },
  {
    name: 'RF08 deletion of the account',
    end: ({ b }, _email, _pair, { access }) =>
      bearer(b, 'DELETE', '/api/users/me', access, password),
  },
  {
    name: 'RF08 disabling by the operator',
    end: async ({ disable }, email) => {
      await disable(email);
      return undefined;
    },
  },
];

/** Refreshes without a pause until it is refused; every token it was ever given. */
async function refreshUntilRefused(
  server: Server,
  first: Pair,
  onRefreshed: (times: number) => void,
  isOverdue: () => boolean,
) {
  const held = { access: [first.access], refresh: [first.refresh] };
  for (;;) {
    const { status, body } = await refreshAt(server, held.refresh.at(-1) ?? '');
    if (status === 401) return { ...held, reason: String(body['reason']) };
    assert.ok(!isOverdue(), 'it can still refresh');
    // A busy machine had no connection for it in time, and has spent nothing.
    if (status === 503) continue;
    assert.equal(status, 200);
    held.access.push(String(body['access']));
    held.refresh.push(String(body['refresh']));
    onRefreshed(held.refresh.length - 1);
  }
}

/** At once with the refreshing, or right after one of its first two. */
const MOMENTS = 3;

async function refreshBesideEnds(t: TestContext, arena: Arena): Promise<void> {
  const { a, b, newUser, newSession } = arena;
  const total = rounds(15, 200);
  const everyAccess: string[] = [];
  for (const { name, end } of ends) {
    await t.test(`${name}: afterwards no token of the session is valid`, async (t) => {
      let raced = 0;
      const race = async (round: number) => {
        const email = await newUser();
        const [pair, other] = [await newSession(email), await newSession(email)];
        const moment = Promise.withResolvers<void>();
        const endsAfter = round % MOMENTS;
        let endedAt = Number.POSITIVE_INFINITY;
        const isOverdue = () => performance.now() > endedAt + 60_000;
        const note = (times: number) => {
          if (times === endsAfter) moment.resolve();
        };
        const refreshing = refreshUntilRefused(a, pair, note, isOverdue);
        if (endsAfter > 0) await Promise.race([moment.promise, refreshing]);
        let answer = await end(arena, email, pair, other);
        // A password that waited too long for its turn, on a busy machine.
        while (answer?.status === 503) answer = await end(arena, email, pair, other);
        endedAt = performance.now();
        assert.ok(answer === undefined || answer.status < 300, `${answer?.status}`);
        const held = await refreshing;
        if (held.refresh.length > 1) raced++;
        assert.match(held.reason, /^(revoked|user_inactive)$/);
        for (const refresh of [...held.refresh.slice(-2).reverse(), pair.refresh]) {
          assert.equal((await refreshAt(b, refresh)).status, 401);
          assert.equal((await verifyAt(a, refresh)).status, 401);
        }
        everyAccess.push(...held.access.slice(-2));
      };
      for (let round = 0; round < total; round += AT_ONCE) {
        const count = Math.min(AT_ONCE, total - round);
        await Promise.all(Array.from({ length: count }, (_, i) => race(round + i)));
      }
      t.diagnostic(`${total} rounds, ${raced} with refreshes before the end`);
      assert.ok(raced > total / 4, 'nothing raced');
    });
  }
  for (const access of everyAccess) {
    for (const server of [a, b])
      await until('it is refused', async () => (await verifyAt(server, access)).status === 401);
  }
}

async function logInBesideChanges(t: TestContext, arena: Arena): Promise<void> {
  const { a, b, newUser, newSession } = arena;
  const random = createRandom(8);
  const forbids = ends.filter(({ name }) => name.startsWith('RF08'));
  const opened: Pair[] = [];
  let refused = 0;
  const total = rounds(20, 200);
  const isOver = (round: number) => round >= total && opened.length > 0 && refused > 0;
  // On a busy machine one of the two may always win for a while.
  for (let round = 0; round < 20 * total && !isOver(round); round++) {
    const email = await newUser();
    const pair = await newSession(email);
    const end = forbids[round % forbids.length]?.end;
    const login = sleep(40 * random()).then(() =>
      call(a, '/api/token', { email, password: PASSWORD }),
    );
    await sleep(40 * random());
    let change = await end?.(arena, email, pair, pair);
    while (change?.status === 503) change = await end?.(arena, email, pair, pair);
    assert.ok(change === undefined || change.status < 300, `${change?.status}`);
    const { status, body } = await login;
    if (status === 401) refused++;
    else if (status !== 503) {
      assert.equal(status, 200);
      opened.push({ access: String(body['access']), refresh: String(body['refresh']) });
    }
  }
  for (const { access, refresh } of opened) {
    await until('it is refused', async () => (await verifyAt(b, access)).status === 401);
    assert.equal((await refreshAt(b, refresh)).status, 401);
  }
  t.diagnostic(`${opened.length} logins were before the change, ${refused} after it`);
  assert.ok(opened.length > 0 && refused > 0, 'nothing raced');
}

test('two processes on one database', async (t) => {
  const arena = await startPair(t);
  await t.test('RF06 50 simultaneous refreshes get one successor', (t) =>
    refreshTogether(t, arena),
  );
  await t.test('RF07 RF08 refreshing ∥ the end of the session', (t) => refreshBesideEnds(t, arena));
  await t.test('logging in ∥ a change that forbids it: no session survives the change', (t) =>
    logInBesideChanges(t, arena),
  );
});
