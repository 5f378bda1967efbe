/** docs/security-cases.md, ST03 to ST06: PostgreSQL away, frozen, restarted, read-only, locked, exhausted. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTemplate, TEMPLATE } from '../support/databases.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import { type Answer, type Service, startService } from '../support/service.ts';

// Only a hang takes so long; `npm run chaos -- I6` measures how long an outage lasts.
const ANSWERED_MS = 60_000;
const RECOVERED_MS = 60_000;
const POOL = 4;

let postgres: Postgres;
let databases = 0;
before(async () => {
  postgres = await startPostgres();
  await createTemplate(postgres);
});
after(() => postgres.close());

async function start(t: Parameters<typeof startService>[0]) {
  const name = `outage_${databases++}`;
  await postgres.query(`create database ${name} template ${TEMPLATE}`);
  const service = await startService(t, {
    GATEPASS_DATABASE_URL: postgres.urlOf(name),
    GATEPASS_DATABASE_POOL_SIZE: String(POOL),
    GATEPASS_ACCEPT_SESSIONLESS_TOKENS: 'false',
    GATEPASS_ROTATE_REFRESH_TOKENS: 'true',
  });
  assert.equal((await service.register()).status, 201);
  const { body: pair } = await service.login();
  return { service, pair, name };
}

async function timed(ask: () => Promise<Answer>): Promise<Answer & { readonly took: number }> {
  const since = performance.now();
  const answer = await ask();
  return { ...answer, took: performance.now() - since };
}

function assertUnavailable(answer: Answer, what: string): void {
  assert.equal(answer.status, 503, `${what}: ${answer.text}`);
  assert.equal(answer.body.code, 'unavailable', what);
  assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/, what);
}

/** Everything that needs the database is 503 in time; what does not, goes on. */
async function assertOutage(service: Service, pair: { access: string; refresh: string }) {
  const asks: Record<string, () => Promise<Answer>> = {
    login: () => service.login(),
    'wrong password': () => service.login('alice@example.com', 'wrong otter parade 41'),
    register: () => service.register('new@example.com'),
    refresh: () => service.refresh(pair.refresh),
    logout: () => service.post('/api/token/blacklist', { refresh: pair.refresh }),
    Bearer: () => service.me(pair.access),
  };
  const answers = await Promise.all(
    Object.entries(asks).map(async ([what, ask]) => [what, await timed(ask)] as const),
  );
  for (const [what, answer] of answers) {
    assertUnavailable(answer, what);
    assert.ok(answer.took < ANSWERED_MS, `${what} took ${Math.round(answer.took)} ms`);
  }
  const verified = await timed(() => service.verify(pair.access));
  assert.equal(verified.status, 200);
  assert.ok(verified.took < ANSWERED_MS, `verify took ${Math.round(verified.took)} ms`);
  assert.equal((await service.send('/healthz')).status, 200);
  assert.equal((await service.send('/readyz')).status, 503);
}

async function assertRecovers(service: Service, refresh: string): Promise<void> {
  const since = performance.now();
  for (;;) {
    const [login, ready] = [await service.login(), await service.send('/readyz')];
    if (login.status === 200 && ready.status === 200) break;
    assert.equal(login.status === 200 ? 503 : login.status, 503);
    const took = performance.now() - since;
    assert.ok(took < RECOVERED_MS, `not back after ${took} ms: ${login.text} ${ready.text}`);
    await sleep(100);
  }
  // What was refused in the outage was not spent by it.
  assert.equal((await service.refresh(refresh)).status, 200);
}

for (const mode of ['fast', 'immediate'] as const) {
  test(`ST04 stopped (${mode}): requests are 503 at once, verify works, and no restart is needed`, async (t) => {
    const { service, pair } = await start(t);
    await postgres.stop(mode);
    try {
      await assertOutage(service, pair);
      await sleep(1000);
      await assertOutage(service, pair);
    } finally {
      await postgres.start();
    }
    await assertRecovers(service, pair.refresh);
    const lines = service.log.map((line) => JSON.parse(line));
    const said = (words: RegExp) =>
      lines.filter(({ msg }) => words.test(msg)).map(({ msg }) => msg);
    assert.equal(said(/^the database is away/).length, 1, said(/database/).join('\n'));
    assert.equal(said(/^the database is back, after [\d.]+ s$/).length, 1);
    assert.deepEqual(said(/^database unavailable/), []);
    assert.deepEqual(
      lines.filter(({ err }) => err !== undefined),
      [],
    );
  });
}

test('ST04 frozen: requests on connections without a response are 503 in time too', async (t) => {
  const { service, pair } = await start(t);
  await postgres.signal('SIGSTOP');
  try {
    for (let round = 0; round < 2; round++) await assertOutage(service, pair);
  } finally {
    await postgres.signal('SIGCONT');
  }
  await assertRecovers(service, pair.refresh);
});

test('ST05 with all connections terminated every 100 ms responses are right or 503, and the service recovers', async (t) => {
  const { service, pair, name } = await start(t);
  let isOver = false;
  const seen = new Map<number, number>();
  const acknowledged: string[] = [];
  const client = async (id: number) => {
    for (let i = 0; !isOver; i++) {
      const email = `c${id}-${i}@example.com`;
      const { status } = await service.register(email);
      seen.set(status, (seen.get(status) ?? 0) + 1);
      if (status === 201) acknowledged.push(email);
      seen.set((await service.me(pair.access)).status, 1);
    }
  };
  const clients = [1, 2].map(client);
  for (let round = 0; round < 20; round++) {
    await sleep(100);
    await postgres.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
    );
  }
  isOver = true;
  await Promise.all(clients);
  t.diagnostic(JSON.stringify([...seen]));
  for (const status of seen.keys()) assert.ok([200, 201, 400, 503].includes(status), `${status}`);
  await assertRecovers(service, pair.refresh);
  const stored = await postgres.query('select email from users', name);
  const emails = new Set(stored.map(({ email }) => email));
  assert.deepEqual(
    acknowledged.filter((email) => !emails.has(email)),
    [],
  );
});

test('ST06 a locked table: requests time out with 503, waiting is bounded, other routes work', async (t) => {
  const { service, pair, name } = await start(t);
  const { default: pg } = await import('pg');
  const locker = new pg.Client({ connectionString: postgres.urlOf(name) });
  await locker.connect();
  await locker.query('begin; lock table users in access exclusive mode');
  try {
    const logins = Array.from({ length: 3 * POOL }, () => timed(() => service.login()));
    await sleep(200);
    assert.equal((await service.verify(pair.access)).status, 200);
    assert.equal((await service.send('/healthz')).status, 200);
    for (const answer of await Promise.all(logins)) {
      assertUnavailable(answer, 'login');
      assert.ok(answer.took < ANSWERED_MS, `${answer.took} ms`);
    }
  } finally {
    await locker.query('rollback');
    await locker.end();
  }
  await assertRecovers(service, pair.refresh);
});

test('ST03 read-only database: writes are 503, reads succeed, /readyz fails', async (t) => {
  const { service, pair, name } = await start(t);
  const set = async (value: string) => {
    await postgres.query(`alter database ${name} set default_transaction_read_only = ${value}`);
    await postgres.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
    );
    await sleep(100);
  };
  await set('on');
  assertUnavailable(await service.login(), 'login');
  assertUnavailable(await service.register('new@example.com'), 'register');
  assertUnavailable(await service.refresh(pair.refresh), 'rotation');
  assert.equal((await service.me(pair.access)).status, 200);
  assert.equal((await service.send('/readyz')).status, 503);
  assert.equal((await service.send('/healthz')).status, 200);
  await set('off');
  await assertRecovers(service, pair.refresh);
});

test('too many connections, a lost privilege, a lost database: 503, never 401', async (t) => {
  const { service, pair, name } = await start(t);
  const cut = () =>
    postgres.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
    );
  const refuse = async (allowed: boolean) => {
    await postgres.query(`alter database ${name} allow_connections ${allowed}`);
    await cut();
    await sleep(100);
  };
  await refuse(false);
  await assertOutage(service, pair);
  await refuse(true);
  await assertRecovers(service, pair.refresh);
  await postgres.query('alter table sessions rename to away', name);
  assertUnavailable(await service.refresh(pair.refresh), 'a missing table');
  await postgres.query('alter table away rename to sessions', name);
  await assertRecovers(service, pair.refresh);
});
