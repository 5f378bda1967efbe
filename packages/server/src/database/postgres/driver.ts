/** The driver, with two fixes: it closes its socket on failure and enforces channel binding. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { ClientConfig, CustomTypesConfig, Client as DriverClient } from 'pg';
import type { PostgresAddress } from '../../config/database-url.ts';
import { DatabaseOpenError } from '../faults.ts';
import { tlsOptions } from './tls.ts';

// For new and used connections: with the work around it, a response takes at most 2 seconds.
export const CONNECT_TIMEOUT_MS = 1200;
const KEEPALIVE_MS = 10_000;
/** Columns and counts are INT8; a sum of INT8 is NUMERIC. */
const INTEGERS: readonly number[] = [20, 1700];
const BOUND = 'SCRAM-SHA-256-PLUS';
/** The directories of the socket, in Debian and by PostgreSQL's own default. */
const SOCKET_DIRECTORIES = ['/var/run/postgresql', '/tmp'];

/** Loaded on use, so that a service on SQLite starts without the driver. */
export const loadDriver = (): typeof import('pg') => createRequire(import.meta.url)('pg');

export type Client = DriverClient;

type Connected = (error: Error | null, client?: DriverClient) => void;

/**
 * A client whose socket is closed when connecting fails. The driver's own client leaves it open, for
 * example when it has no password: until the server gives up a minute later, the socket keeps the
 * process alive.
 */
export function clientOf({ channelBinding }: PostgresAddress) {
  const { Client } = loadDriver();

  return class extends Client {
    constructor(config?: string | ClientConfig) {
      super(config);
      // Without a listener, the loss of a connection would end the process.
      this.on('error', () => {});
      if (channelBinding === 'require') requireBinding(this);
    }

    override connect(): Promise<DriverClient>;
    override connect(callback: Connected): void;
    override connect(callback?: Connected): Promise<DriverClient> | undefined {
      const connected = super.connect().catch((error: unknown) => {
        this.connection.stream.destroy();
        throw error;
      });
      if (!callback) return connected;
      connected.then(
        (client) => callback(null, client),
        (error) => callback(error),
      );
      return undefined;
    }
  };
}

/** Fails before the driver responds to a server that does not prove channel binding. */
function requireBinding({ connection }: DriverClient): void {
  let isBound = false;
  const refuse = () => {
    connection.emit(
      'error',
      new DatabaseOpenError('the server offers no channel binding, which the URL requires'),
    );
    connection.stream.destroy();
  };
  connection.on('authenticationSASL', ({ mechanisms }: { mechanisms: readonly string[] }) => {
    isBound = mechanisms.includes(BOUND);
    if (!isBound) refuse();
  });
  connection.on('authenticationCleartextPassword', refuse);
  connection.on('authenticationMD5Password', refuse);
  connection.once('readyForQuery', () => {
    if (!isBound) refuse();
  });
}

/** Options of a connection to this address; none that a pooler refuses. */
export function connectionSettings(address: PostgresAddress): ClientConfig {
  const { port, database, user, password, options } = address;
  return {
    host: address.host ?? localHost(port),
    port,
    database,
    user,
    password,
    ssl: tlsOptions(address),
    ...(address.isTlsDirect && { sslnegotiation: 'direct' }),
    enableChannelBinding: address.channelBinding === 'require',
    application_name: address.applicationName ?? 'gatepass',
    ...(options !== undefined && { options }),
    connectionTimeoutMillis: address.connectTimeout ?? CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: address.keepAlive ?? KEEPALIVE_MS,
    types: numbersAsNumbers(loadDriver().types),
  };
}

/** As libpq: PGHOST, else the socket of this machine's server; `undefined` = the driver's default. */
function localHost(port: number): string | undefined {
  const { Client } = loadDriver();
  if (new Client().host !== 'localhost') return undefined;
  return SOCKET_DIRECTORIES.find((directory) => existsSync(`${directory}/.s.PGSQL.${port}`));
}

function safeInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError('a stored integer is too large');
}

/** Not set in the driver's global table, which other users of the driver share. */
const numbersAsNumbers = (types: CustomTypesConfig): CustomTypesConfig => ({
  getTypeParser: ((oid, format) =>
    INTEGERS.includes(Number(oid))
      ? safeInteger
      : types.getTypeParser(oid, format)) as CustomTypesConfig['getTypeParser'],
});
