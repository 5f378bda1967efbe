import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { ClientConfig, CustomTypesConfig, Pool, PoolClient, QueryResult } from 'pg';
import { describeAddress, type PostgresAddress } from '../../config/database-url.ts';
import { DatabaseOpenError, DatabaseUnavailableError } from '../faults.ts';
import { ConnectionLostError, translate } from './faults.ts';
import { watch } from './watchdog.ts';

// What is read and decided in a transaction is right under this, whatever the server's default is.
export const BEGIN = 'begin isolation level read committed';

export const STATEMENT_TIMEOUT_MS = 5000;
// For a connection, new or in use: with what comes before and after, an answer within 2 seconds.
const CONNECT_TIMEOUT_MS = 1200;
const PROBE_TIMEOUT_MS = 1000;
// What waits for a connection beyond this would not get one in time.
const MAX_WAITING = 1000;
const IDLE_TIMEOUT_MS = 60_000;
const KEEPALIVE_MS = 10_000;
const INT8 = 20;
const OLDEST_VERSION = 140_000;

/** Loaded when a PostgreSQL is used: a service on SQLite starts without the driver. */
const loadDriver = (): typeof import('pg') => createRequire(import.meta.url)('pg');

export type Query = string | { readonly name?: string; readonly text: string };
export type Connection = Pick<PoolClient, 'query'>;

export type ConnectionPool = ReturnType<typeof createPool>;

/** A bounded pool whose errors say whether the database is to blame (faults.ts). */
export function createPool(address: PostgresAddress, size: number) {
  const { Pool } = loadDriver();
  const pool: Pool = new Pool({
    ...connectionSettings(address),
    max: size,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    onConnect: (client) => greet(client, address),
  });
  // Unheard, the loss of a connection, in use or not, would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));

  const watchdog = watch(pool, () => answers(address));

  async function connect(): Promise<PoolClient> {
    if (watchdog.isSilent()) throw new DatabaseUnavailableError('the server does not answer');
    if (pool.waitingCount >= MAX_WAITING)
      throw new DatabaseUnavailableError('too many requests wait for a connection');
    try {
      return await pool.connect();
    } catch (error) {
      throw translate(error);
    }
  }

  return {
    connect,

    /** Runs `work` with a connection of its own, which is closed when its state is unknown. */
    async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
      const connection = await connect();
      let isLost = false;
      try {
        return await work(connection);
      } catch (error) {
        isLost = error instanceof ConnectionLostError;
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

/** One statement on a connection; rejects with what the error means. */
export async function run(
  connection: Connection,
  query: Query,
  values: readonly unknown[] = [],
): Promise<QueryResult> {
  const statement = typeof query === 'string' ? { text: query } : query;
  try {
    return await connection.query({ ...statement, values: values.map(storable) });
  } catch (error) {
    throw translate(error);
  }
}

// Its texts cannot hold NUL: what is looked for with one is never found, and not an error.
const storable = (value: unknown) =>
  typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value;

/** A connection outside of the pool: for what takes its time, or never ends. */
export async function connectAlone(
  address: PostgresAddress,
  settings: Pick<
    ClientConfig,
    | 'connectionTimeoutMillis'
    | 'statement_timeout'
    | 'lock_timeout'
    | 'idle_in_transaction_session_timeout'
  > = {},
) {
  const { Client } = loadDriver();
  const client = new Client({
    ...connectionSettings(address),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    ...settings,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    await greet(client, address);
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw translate(error);
  }
}

/** Whether a server answers a new connection, be it with a refusal. */
async function answers(address: PostgresAddress): Promise<boolean> {
  try {
    const client = await connectAlone(address, { connectionTimeoutMillis: PROBE_TIMEOUT_MS });
    await client.end();
    return true;
  } catch (error) {
    return !(error instanceof ConnectionLostError) || error.state !== undefined;
  }
}

/** What a connection to this address needs, before any statement. */
export const connectionSettings = (address: PostgresAddress): ClientConfig => ({
  host: address.host,
  port: address.port,
  database: address.database,
  user: address.user,
  password: address.password,
  ssl: tlsOptions(address),
  application_name: 'gatepass',
  keepAlive: true,
  keepAliveInitialDelayMillis: KEEPALIVE_MS,
  statement_timeout: STATEMENT_TIMEOUT_MS,
  lock_timeout: STATEMENT_TIMEOUT_MS,
  // A node that lost its network must not hold locks for longer than a statement may take.
  idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
  // For statements on their own too, which a stricter level could refuse for no gain.
  options: '-c default_transaction_isolation=read\\ committed',
  types: numbersAsNumbers(loadDriver().types),
});

function safeInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError('a stored integer is too large');
}

/** Not in the driver's global table, which whoever else uses the driver shares. */
const numbersAsNumbers = (types: CustomTypesConfig): CustomTypesConfig => ({
  getTypeParser: ((oid, format) =>
    Number(oid) === INT8
      ? safeInteger
      : types.getTypeParser(oid, format)) as CustomTypesConfig['getTypeParser'],
});

function tlsOptions({ tls, rootCertificate, host }: PostgresAddress): ClientConfig['ssl'] {
  if (tls === 'disable') return false;
  const ca = rootCertificate === undefined ? {} : { ca: readCertificate(rootCertificate) };
  // As with libpq: `require` encrypts and asks for no proof, unless it is told whom to trust.
  if (tls === 'require' && rootCertificate === undefined) return { rejectUnauthorized: false };
  const servername = tls === 'verify-full' ? {} : { checkServerIdentity: () => undefined };
  return { ...ca, ...servername, host };
}

function readCertificate(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new DatabaseOpenError(`sslrootcert: ${error instanceof Error ? error.message : path}`);
  }
}

/** What every new connection must be told and asked. */
async function greet(client: Connection, address: PostgresAddress): Promise<void> {
  const { rows } = await client.query<{ version: number }>(
    // An answered write must survive a crash; remote_apply promises more and is left alone.
    `select current_setting('server_version_num')::int as version,
       case when current_setting('synchronous_commit') not in ('on', 'remote_apply')
         then set_config('synchronous_commit', 'on', false) end`,
  );
  const version = rows[0]?.version ?? 0;
  if (version >= OLDEST_VERSION) return;
  const found = `${Math.floor(version / 10_000)}.${version % 10_000}`;
  throw new DatabaseOpenError(
    `${describeAddress(address)} is version ${found}; Gatepass needs PostgreSQL 14 or newer`,
  );
}
