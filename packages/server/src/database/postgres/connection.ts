/**
 * Connections to PostgreSQL and statements on them. A pooler in between may give each transaction
 * another session: then nothing is set for the session, statements have no names, and every
 * transaction sets what it needs.
 */
import type { PoolClient, QueryResult } from 'pg';
import { describeAddress, type PostgresAddress } from '../../config/database-url.ts';
import { DatabaseOpenError } from '../faults.ts';
import { type Client, clientOf, connectionSettings } from './driver.ts';
import { translate } from './faults.ts';

const LIMIT_MS = 5000;
/** Set on the server where possible, and enforced on this side otherwise: see `run`. */
export const STATEMENT_TIMEOUT_MS = LIMIT_MS;
const OLDEST_VERSION = 140_000;
const GOODBYE_MS = 1000;

export type Query = string | { readonly name?: string; readonly text: string };
export type Connection = Pick<PoolClient, 'query'>;

/** Milliseconds; 0 = unlimited. */
type Limits = Readonly<
  Record<'statement_timeout' | 'lock_timeout' | 'idle_in_transaction_session_timeout', number>
>;

const LIMITS: Limits = {
  statement_timeout: LIMIT_MS,
  lock_timeout: LIMIT_MS,
  // A node that has lost its network must not hold locks longer than a statement may take.
  idle_in_transaction_session_timeout: LIMIT_MS,
};

/** For work that reads or changes whole tables. */
export const UNLIMITED: Limits = {
  statement_timeout: 0,
  lock_timeout: LIMIT_MS,
  idle_in_transaction_session_timeout: 0,
};

// Transactions are written for this level; the server's default does not matter.
export const READ_COMMITTED = 'read committed';
export const ONE_MOMENT = 'repeatable read, read only';

const pooled = new WeakSet<Connection>();

/** Whether a pooler is in between, so that the session may change after each transaction. */
export const isPooled = (connection: Connection): boolean => pooled.has(connection);

/** Begins a transaction; sets its limits if the session has none, or if others are given. */
export async function begin(
  connection: Connection,
  isolation = READ_COMMITTED,
  limits?: Limits,
): Promise<void> {
  const start = `begin isolation level ${isolation}`;
  const isPlain = !limits && !isPooled(connection);
  await run(connection, isPlain ? start : `${start}; ${settingsOf(limits ?? LIMITS)}`);
}

const settingsOf = (limits: Limits): string =>
  [
    ...Object.entries(limits).map(([name, value]) => `set local ${name} = ${value}`),
    `select ${DURABLE_LOCALLY}`,
  ].join('; ');

// An acknowledged write must survive a crash; the stronger remote_apply is kept.
const durable = (isLocal: boolean) => `case
  when current_setting('synchronous_commit') not in ('on', 'remote_apply')
  then set_config('synchronous_commit', 'on', ${isLocal}) end`;
const DURABLE_LOCALLY = durable(true);

/** One statement on a connection; rejects with what the error means. */
export async function run(
  connection: Connection,
  query: Query,
  values: readonly unknown[] = [],
): Promise<QueryResult> {
  const text = typeof query === 'string' ? query : query.text;
  const name = typeof query === 'string' || isPooled(connection) ? undefined : query.name;
  try {
    return await connection.query({
      text,
      values: values.map(storable),
      ...(name !== undefined && { name }),
    });
  } catch (error) {
    throw translate(error);
  }
}

// PostgreSQL's texts cannot hold NUL: a search for one finds nothing instead of failing.
const storable = (value: unknown) =>
  typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value;

/** A connection outside the pool, for work that takes long or never ends. */
export async function connectAlone(
  address: PostgresAddress,
  options: { readonly connectionTimeoutMillis?: number } = {},
): Promise<Client> {
  const Client = clientOf(address);
  const client = new Client({ ...connectionSettings(address), ...options });
  try {
    await client.connect();
    await greet(client, address);
    return client;
  } catch (error) {
    client.connection.stream.destroy();
    throw translate(error);
  }
}

/** Ends the connection without waiting for a server that does not respond. */
export async function disconnect(client: Client): Promise<void> {
  const { stream } = client.connection;
  const deadline = setTimeout(() => stream.destroy(), GOODBYE_MS);
  await client.end().catch(() => {});
  clearTimeout(deadline);
}

/** Prepares every new connection. */
export async function greet(client: Connection, address: PostgresAddress): Promise<void> {
  const own = address.isPooled ? 'false' : `pg_backend_pid() = ${processOf(client)}`;
  const settings = Object.entries(SESSION).map(
    ([name, value]) => `set_config('${name}', '${value}', false)`,
  );
  const { rows } = await client.query<{ version: number; is_direct: boolean }>(
    `select current_setting('server_version_num')::int as version, ${own} as is_direct,
       case when ${own} then concat(${[...settings, durable(false)].join(', ')}) end`,
  );
  const { version = 0, is_direct: isDirect = false } = rows[0] ?? {};
  if (version < OLDEST_VERSION) throw tooOld(address, version);
  if (!isDirect) pooled.add(client);
}

const SESSION = {
  ...LIMITS,
  // For single statements too, which a stricter level could reject for no gain.
  default_transaction_isolation: READ_COMMITTED,
} as const;

/** The server process of the connection; a pooler names none or its own. */
const processOf = (client: Connection): number =>
  'processID' in client && typeof client.processID === 'number' ? client.processID : 0;

function tooOld(address: PostgresAddress, version: number): DatabaseOpenError {
  const found = `${Math.floor(version / 10_000)}.${version % 10_000}`;
  return new DatabaseOpenError(
    `${describeAddress(address)} is version ${found}; Gatepass needs PostgreSQL 14 or newer`,
  );
}
