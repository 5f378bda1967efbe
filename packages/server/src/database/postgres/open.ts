import type { CompiledQuery } from 'kysely';
import { describeAddress, type PostgresAddress } from '../../config/database-url.ts';
import type { DatabaseOptions, OpenDatabase, Topic } from '../database.ts';
import { DatabaseUnavailableError } from '../faults.ts';
import { pendingMigrations } from '../migrations.ts';
import { buildOn, buildOnPool } from './builder.ts';
import { examine, weaknesses } from './check.ts';
import {
  begin,
  type Connection,
  connectAlone,
  disconnect,
  isPooled,
  ONE_MOMENT,
  run,
  UNLIMITED,
} from './connection.ts';
import { numberOf, RAISE_LAST_ID, readAuditNumbers, readLastIds } from './last-ids.ts';
import { channelOf, createListener } from './listener.ts';
import { LOCK_SPACE, migrate, placeOf, rehearse } from './migrate.ts';
import { createPool } from './pool.ts';
import { createTransactions } from './transaction.ts';

const DEFAULT_POOL_SIZE = 10;
// The second half of the advisory lock; migrations use 1.
const LOCKS = { revocations: 2, keys: 3 } as const satisfies Record<Topic, number>;

/**
 * Nothing is connected yet: the first statement finds out whether the server responds.
 *
 * @param direct the address without a pooler, for LISTEN and migrations
 */
export function openPostgresDatabase(
  given: PostgresAddress,
  options: DatabaseOptions,
  direct?: PostgresAddress,
): OpenDatabase {
  const address = direct ? { ...given, isPooled: true } : given;
  const pool = createPool(address, options.poolSize ?? DEFAULT_POOL_SIZE, options.report);
  const db = buildOnPool(pool);
  const place = placeOf(db, address);
  const { transaction, runWithin } = createTransactions(pool, options.beforeCommit);
  const listener = createListener(() => connectAlone(direct ?? address), options.report);
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

  /** On a separate connection, without a time limit, as of one moment. */
  async function reading<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await connectAlone(address);
    try {
      await begin(connection, ONE_MOMENT, UNLIMITED);
      return await work(connection);
    } finally {
      await disconnect(connection);
    }
  }

  return {
    db,
    transaction,
    prepare,
    shareReads() {},
    async takeTurn(tx, topic) {
      await runWithin(tx, TAKE_TURN, [LOCK_SPACE, LOCKS[topic]]);
    },
    auditNumbers: () => pool.use(readAuditNumbers),
    lastIds: () => pool.use(readLastIds),
    async raiseLastIds(tx, ids) {
      for (const [table, id = 0] of Object.entries(ids))
        await runWithin(tx, RAISE_LAST_ID, [table, numberOf(table), id]);
    },
    atOneMoment: (work) => reading((connection) => work(buildOn(connection))),
    file: undefined,
    notifications: {
      async publish(tx, topic: Topic) {
        await runWithin(tx, PUBLISH, [channelOf(topic)]);
      },
      subscribe: listener.subscribe,
    },
    description: describeAddress(address),
    migrate: () => migrate(place, direct ?? address),
    rehearse: () => rehearse(direct ?? address),
    pending: () => pendingMigrations(place),
    async ping() {
      const { rows } = await pool.use((connection) => run(connection, PING));
      if (rows[0]?.['read_only'] === 'on')
        throw new DatabaseUnavailableError('the database is read-only');
    },
    check: () => reading(examine),
    warnings: () =>
      pool.use(async (connection) => [
        ...(await weaknesses(connection)),
        ...(isPooled(connection) && !direct ? [POOLED] : []),
      ]),
    async close() {
      await listener.close();
      await pool.end();
    },
  };
}

const POOLED =
  'a pooler stands between: logouts reach other processes by asking four times a second. GATEPASS_DATABASE_DIRECT_URL, the address without the pooler, makes it faster';
const TAKE_TURN = { name: 'gatepass_turn', text: 'select pg_advisory_xact_lock($1, $2)' };
const PUBLISH = { name: 'gatepass_publish', text: "select pg_notify($1, '')" };
const PING = {
  name: 'gatepass_ping',
  text: "select current_setting('transaction_read_only') as read_only, (select id from users limit 1)",
};
