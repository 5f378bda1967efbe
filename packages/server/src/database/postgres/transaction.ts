import { setTimeout as sleep } from 'node:timers/promises';
import type { Transaction, Tx } from '../database.ts';
import { buildOn } from './builder.ts';
import { begin, type Connection, type Query, run } from './connection.ts';
import { ConnectionLostError, isConflict } from './faults.ts';
import type { ConnectionPool } from './pool.ts';

const ATTEMPTS = 4;
const RETRY_MS = 20;

/** Statements of a transaction: `runWithin` refuses a `tx` that has ended. */
export type Transactions = {
  readonly transaction: Transaction;
  runWithin(tx: Tx, query: Query, values?: readonly unknown[]): ReturnType<typeof run>;
};

/**
 * Transactions, each on a connection of its own under READ COMMITTED. PostgreSQL itself lets
 * simultaneous commits share a flush. A transaction that loses against another (deadlock,
 * serialization) is repeated a few times; then the database counts as unavailable.
 */
export function createTransactions(
  pool: ConnectionPool,
  beforeCommit: () => void = () => {},
): Transactions {
  const running = new WeakMap<Tx, Connection>();
  // The builder of a connection, and whether a transaction is open on it.
  const builders = new WeakMap<Connection, { tx: Tx | undefined; readonly db: Tx['db'] }>();

  function open(connection: Connection): Tx {
    let builder = builders.get(connection);
    if (!builder) {
      const made = {
        tx: undefined as Tx | undefined,
        db: buildOn(connection, () => check(made.tx)),
      };
      builder = made;
      builders.set(connection, made);
    }
    const tx = { db: builder.db };
    builder.tx = tx;
    running.set(tx, connection);
    return tx;
  }

  function end(connection: Connection, tx: Tx): void {
    running.delete(tx);
    const builder = builders.get(connection);
    if (builder) builder.tx = undefined;
  }

  function check(tx: Tx | undefined): Connection {
    const connection = tx && running.get(tx);
    if (!connection) throw new TypeError('the transaction has ended');
    return connection;
  }

  const attempt = <T>(work: (tx: Tx) => Promise<T>): Promise<T> =>
    pool.use(async (connection) => {
      await begin(connection);
      const tx = open(connection);
      try {
        const value = await work(tx);
        beforeCommit();
        const { command } = await run(connection, 'commit');
        // COMMIT responds with ROLLBACK when a statement failed and its error was swallowed.
        if (command === 'ROLLBACK') throw new TypeError('a statement failed and work went on');
        return value;
      } catch (error) {
        await rollBack(connection, error);
        throw error;
      } finally {
        end(connection, tx);
      }
    });

  return {
    async transaction(work) {
      for (let count = 1; ; count++) {
        try {
          return await attempt(work);
        } catch (error) {
          if (!isConflict(error) || count === ATTEMPTS) throw error;
        }
        await sleep(RETRY_MS * count * (0.5 + Math.random()));
      }
    },

    runWithin: (tx, query, values) => run(check(tx), query, values),
  };
}

async function rollBack(connection: Connection, error: unknown): Promise<void> {
  // When the connection is lost, the server rolls back.
  if (error instanceof ConnectionLostError) return;
  await run(connection, 'rollback');
}
