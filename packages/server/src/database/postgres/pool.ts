/** A bounded pool of connections whose errors say whether the database is to blame (faults.ts). */
import type { Pool, PoolClient } from 'pg';
import type { PostgresAddress } from '../../config/database-url.ts';
import type { Report } from '../database.ts';
import { DatabaseUnavailableError } from '../faults.ts';
import { createAvailability } from './availability.ts';
import { type Connection, connectAlone, greet, STATEMENT_TIMEOUT_MS } from './connection.ts';
import { clientOf, connectionSettings, loadDriver } from './driver.ts';
import { ConnectionLostError, translate } from './faults.ts';
import { watch } from './watchdog.ts';

const PROBE_TIMEOUT_MS = 1000;
// Statements queued beyond this would not get a connection in time.
const MAX_WAITING = 1000;
const IDLE_TIMEOUT_MS = 60_000;
// Longer than the server's own limit, which behind a pooler is not set outside transactions.
const PATIENCE_MS = STATEMENT_TIMEOUT_MS + 1000;

export type ConnectionPool = ReturnType<typeof createPool>;

export function createPool(address: PostgresAddress, size: number, report: Report = () => {}) {
  const { Pool } = loadDriver();
  const pool: Pool = new Pool({
    ...connectionSettings(address),
    Client: clientOf(address),
    query_timeout: PATIENCE_MS,
    max: size,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    onConnect: (client) => greet(client, address),
  });
  pool.on('error', () => {});

  const watchdog = watch(pool, () => answers(address));
  const availability = createAvailability(report);

  async function connect(): Promise<PoolClient> {
    if (watchdog.isSilent()) throw away(new ConnectionLostError('the server does not answer'));
    if (pool.waitingCount >= MAX_WAITING)
      throw new DatabaseUnavailableError('too many requests wait for a connection');
    try {
      return await pool.connect();
    } catch (error) {
      if (isPoolBusy(error)) throw new DatabaseUnavailableError('all connections are in use');
      throw away(translate(error));
    }
  }

  function away(fault: Error): Error {
    availability.lost(fault.message);
    return fault;
  }

  return {
    connect,

    /** Runs `work` with a connection of its own, which is closed when its state is unknown. */
    async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
      const connection = await connect();
      let isLost = false;
      try {
        const result = await work(connection);
        availability.works();
        return result;
      } catch (error) {
        isLost = error instanceof ConnectionLostError;
        if (isLost) availability.lost(error instanceof Error ? error.message : '');
        throw error;
      } finally {
        connection.release(isLost);
      }
    },

    async end(): Promise<void> {
      if (!pool.ending) await pool.end();
    },
  };
}

/** All connections are in use, which says nothing about the server. */
const isPoolBusy = (error: unknown): boolean =>
  error instanceof Error && error.message === 'timeout exceeded when trying to connect';

/** Whether a server responds to a new connection, even with a refusal. */
async function answers(address: PostgresAddress): Promise<boolean> {
  try {
    const client = await connectAlone(address, { connectionTimeoutMillis: PROBE_TIMEOUT_MS });
    await client.end();
    return true;
  } catch (error) {
    return !(error instanceof ConnectionLostError) || error.state !== undefined;
  }
}
