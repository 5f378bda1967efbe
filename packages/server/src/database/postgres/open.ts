import type { CompiledQuery } from 'kysely';
import { describeAddress, type PostgresAddress } from '../../config/database-url.ts';
import type { Database, DatabaseOptions, Topic } from '../database.ts';
import { DatabaseUnavailableError } from '../faults.ts';
import { migrateToLatest, pendingMigrations } from '../migrations.ts';
import { examine, weaknesses } from './check.ts';
import { buildOn, buildOnPool } from './dialect.ts';
import { numberOf, RAISE_LAST_ID, readLastIds } from './last-ids.ts';
import { channelOf, createListener } from './listener.ts';
import { connectAlone, createPool, run } from './pool.ts';
import { createTransactions } from './transaction.ts';

const DEFAULT_POOL_SIZE = 10;
const MIGRATION_LOCK_TIMEOUT_MS = 60_000;
// Arbitrary, and ours: the first half of each advisory lock, which all programs of a database share.
const LOCK_SPACE = 1_196_578_675;
const LOCKS = { migration: 1, revocations: 2, keys: 3 } as const satisfies Record<string, number>;

/** Nothing is connected yet: a server that is away is met by the first statement. */
export function openPostgresDatabase(address: PostgresAddress, options: DatabaseOptions): Database {
  const pool = createPool(address, options.poolSize ?? DEFAULT_POOL_SIZE);
  const db = buildOnPool(pool);
  const { transaction, runWithin } = createTransactions(pool, options.beforeCommit);
  const listener = createListener(() => connectAlone(address));
  let statements = 0;

  function prepare<Row>({ sql: text }: CompiledQuery<Row>) {
    statements++;
    const statement = { name: `gatepass_${statements}`, text };
    const first = async (result: ReturnType<typeof run>) =>
      (await result).rows[0] as Row | undefined;
    return {
      read: (...values: unknown[]) =>
        pool.use((connection) => first(run(connection, statement, values))),
      within: (tx: Parameters<typeof runWithin>[0], ...values: unknown[]) =>
        first(runWithin(tx, statement, values)),
    };
  }

  async function migrate(): Promise<string[]> {
    // Alone, and for as long as it takes: an index on a large table is not made in five seconds.
    const connection = await connectAlone(address, {
      statement_timeout: 0,
      lock_timeout: MIGRATION_LOCK_TIMEOUT_MS,
    });
    try {
      await run(connection, `select pg_advisory_lock(${LOCK_SPACE}, ${LOCKS.migration})`);
      return await migrateToLatest(buildOn(connection));
    } finally {
      // The lock goes with the connection, as it does when this process is killed.
      await connection.end();
    }
  }

  return {
    db,
    transaction,
    prepare,
    async takeTurn(tx, topic) {
      await runWithin(tx, TAKE_TURN, [LOCK_SPACE, LOCKS[topic]]);
    },
    lastIds: () => pool.use(readLastIds),
    async raiseLastIds(tx, ids) {
      for (const [table, id = 0] of Object.entries(ids))
        await runWithin(tx, RAISE_LAST_ID, [table, numberOf(table), id]);
    },
    async atOneMoment(work) {
      const connection = await connectAlone(address, LONG_READ);
      try {
        await run(connection, 'begin isolation level repeatable read, read only');
        return await work(buildOn(connection));
      } finally {
        await connection.end();
      }
    },
    file: undefined,
    notifications: {
      async publish(tx, topic: Topic) {
        await runWithin(tx, PUBLISH, [channelOf(topic)]);
      },
      subscribe: listener.subscribe,
    },
    description: describeAddress(address),
    migrate,
    pending: () => pendingMigrations(db),
    async ping() {
      const { rows } = await pool.use((connection) => run(connection, PING));
      if (rows[0]?.['read_only'] === 'on')
        throw new DatabaseUnavailableError('the database is read-only');
    },
    check: () => pool.use(examine),
    warnings: () => pool.use(weaknesses),
    async close() {
      await listener.close();
      await pool.end();
    },
  };
}

// A whole table is read in pages, and between two of them something else is written.
const LONG_READ = { statement_timeout: 0, idle_in_transaction_session_timeout: 0 };
const TAKE_TURN = { name: 'gatepass_turn', text: 'select pg_advisory_xact_lock($1, $2)' };
const PUBLISH = { name: 'gatepass_publish', text: "select pg_notify($1, '')" };
const PING = {
  name: 'gatepass_ping',
  text: "select current_setting('transaction_read_only') as read_only, (select id from users limit 1)",
};
