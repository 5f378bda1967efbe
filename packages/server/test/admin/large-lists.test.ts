/** Lists and searches over more accounts and events than one request looks at. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startAdministration } from './support/administration.ts';

/** More than one request looks at, in any order. */
const COUNT = 15_000;
const HOUR = 3_600_000;

type Row = { readonly id: number; readonly email: string; readonly last: number };

/** One account is called needle; three are disabled. The administrator has the id 1. */
async function start(t: TestContext) {
  const service = await startAdministration(t);
  const token = await service.begin();
  const now = service.clock.now();
  const rows: Row[] = [];
  for (let id = 2; id <= COUNT; id++) {
    const name = id === 700 ? 'needle' : `p${(id * 7919) % COUNT}`;
    rows.push({ id, email: `${name}@mail${id % 7}.example`, last: (id * 31) % 997 });
  }
  for (let from = 0; from < rows.length; from += 1000)
    await service.database.transaction(async (tx) => {
      await tx.db
        .insertInto('users')
        .values(
          rows.slice(from, from + 1000).map(({ id, email, last }) => ({
            ...{ id, email, email_canonical: email, password_hash: null, created_at: now },
            ...{ last_login_at: last, is_active: id % 5000 === 0 ? 0 : 1 },
          })),
        )
        .execute();
    });

  return { ...service, token, rows };
}

type Asking = Pick<Awaited<ReturnType<typeof startAdministration>>, 'ask'> & {
  readonly token: string;
};

/** Every page until there is no next one. */
async function walk({ ask, token }: Asking, path: string) {
  const found: { id: number; email: string }[] = [];
  const sizes: number[] = [];
  for (let after = ''; ; ) {
    const answer = await ask(`${path}${after && `&after=${after}`}`, {}, token);
    assert.equal(answer.status, 200, answer.text);
    const page = answer.body.users ?? answer.body.events;
    found.push(...page);
    sizes.push(page.length);
    if (!answer.body.next) return { found, sizes };
    assert.notEqual(answer.body.next, after);
    after = answer.body.next;
  }
}

const ascending: Record<string, (a: Row, b: Row) => number> = {
  id: (a, b) => a.id - b.id,
  email: (a, b) => (a.email < b.email ? -1 : 1),
  last_login: (a, b) => a.last - b.last || a.id - b.id,
};

test('lists of 15,000 accounts', async (t) => {
  const service = await start(t);
  const { rows, ask, token } = service;

  await t.test(
    'a rare term is found exactly once in every order, over pages that may be empty',
    async () => {
      for (const sort of ['id', 'email', 'last_login'])
        for (const direction of ['', '-']) {
          const order = `sort=${direction}${sort}`;
          const rare = await walk(service, `/api/admin/users?q=EEDL&${order}`);
          assert.deepEqual(
            rare.found.map(({ id }) => id),
            [700],
            order,
          );
          assert.ok(rare.sizes.length > 1, `${order}: one request looks at a part only`);

          // Several of them lie behind each other's portions.
          const some = await walk(service, `/api/admin/users?q=p1234&limit=7&${order}`);
          const expected = rows.filter(({ email }) => email.includes('p1234'));
          const sorted = expected.toSorted(ascending[sort]);
          assert.deepEqual(
            some.found.map(({ id }) => id),
            (direction ? sorted.toReversed() : sorted).map(({ id }) => id),
            order,
          );
          assert.ok(some.sizes.every((size) => size <= 7));
        }
      const frequent = await walk(service, '/api/admin/users?q=mail3&limit=100&sort=-email');
      assert.equal(frequent.sizes[0], 100);
      const expected = rows.filter(({ id }) => id % 7 === 3);
      assert.equal(new Set(frequent.found.map(({ id }) => id)).size, expected.length);
    },
  );

  await t.test('one request finds all accounts of a rare state in every order', async () => {
    for (const sort of ['id', '-id', 'email', '-last_login']) {
      const disabled = await walk(service, `/api/admin/users?status=disabled&sort=${sort}`);
      assert.deepEqual(disabled.sizes, [3], sort);
      const admins = await walk(service, `/api/admin/users?status=admin&sort=${sort}`);
      assert.deepEqual(
        admins.found.map(({ id }) => id),
        [1],
      );
      const both = await walk(service, `/api/admin/users?status=disabled&q=mail4&sort=${sort}`);
      assert.deepEqual(
        both.found.map(({ id }) => id),
        [10_000],
      );
    }
    const unverified = await walk(service, '/api/admin/users?status=unverified&limit=100');
    assert.equal(unverified.found.length, COUNT);
    const stats = (await ask('/api/admin/stats', {}, token)).body;
    const some = { active: COUNT - 3, disabled: 3, unverified: COUNT, admin: 1 };
    assert.deepEqual(stats.users, { total: COUNT, ...some });
  });
});

test('events of a rare kind are found over pages that may be empty', async (t) => {
  const service = await startAdministration(t);
  const asking = { ...service, token: await service.begin() };
  const { database, clock } = service;
  const now = clock.now();
  const rest = { actor: 'self', address: '', user_agent: '', request_id: '', details: '{}' };
  const events = Array.from({ length: 12_000 }, (_, n) => ({
    ...{ ...rest, at: now - 2 * HOUR + Math.floor(n / 3), user_id: null, session_id: null },
    event: n === 400 || n === 11_000 ? 'key.retire' : 'login.ok',
  }));
  for (let from = 0; from < events.length; from += 1000)
    await database.transaction(async (tx) => {
      await tx.db
        .insertInto('audit_events')
        .values(events.slice(from, from + 1000))
        .execute();
    });
  const rare = await walk(asking, '/api/admin/audit?event=key.retire');
  assert.deepEqual([rare.found.length, rare.sizes[0]], [2, 1]);
  assert.ok(rare.sizes.length > 1);
  const all = await walk(asking, '/api/admin/audit?event=login.ok&limit=100');
  assert.equal(new Set(all.found.map(({ id }) => id)).size, 11_998);
  const since = new Date(now - 2 * HOUR + 2000).toISOString();
  assert.equal(
    (await walk(asking, `/api/admin/audit?event=key.retire&since=${since}`)).found.length,
    1,
  );
});
