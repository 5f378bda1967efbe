/**
 * Parameters of a PostgreSQL URL: those of libpq that are obeyed, those that are refused with what
 * to write instead, and what other programs put there. Pure.
 */
import type { Faulty } from './parsed.ts';

/** As libpq has them; its `allow` and `prefer`, which may end in clear text, are refused. */
const TLS_MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
const MAX_CONNECT_SECONDS = 60;
const MAX_KEEPALIVE_SECONDS = 7200;

export type Parameters = {
  readonly tls: (typeof TLS_MODES)[number];
  /** A file with the certificates to trust, or `system`; else the well-known ones. */
  readonly rootCertificate?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly clientKeyPassword?: string;
  /** TLS from the first byte, without asking. */
  readonly isTlsDirect?: boolean;
  readonly channelBinding: 'disable' | 'prefer' | 'require';
  /** Settings of the session, such as `-c search_path=auth`. */
  readonly options?: string;
  readonly applicationName?: string;
  /** Milliseconds; how long a connection may take to be made. */
  readonly connectTimeout?: number;
  /** Milliseconds of silence before the operating system asks whether the peer is there. */
  readonly keepAlive?: number;
  /** Whether the URL says that a transaction pooler stands between. */
  readonly isPooled?: boolean;
};

type Reading = Partial<Parameters> | Faulty;
const NOTHING: Partial<Parameters> = {};
type Reader = (value: string) => Reading;

/** A value that changes nothing here, or a fault. */
const only =
  (...values: string[]): Reader =>
  (value) =>
    values.includes(value)
      ? NOTHING
      : { fault: `values other than ${values.join(' or ')} are not supported` };

const secondsOf = (value: string, max: number): number | Faulty =>
  /^\d{1,4}$/.test(value) && Number(value) >= 1 && Number(value) <= max
    ? Number(value)
    : { fault: `it must be a number of seconds from 1 to ${max}` };

const tlsMode: Reader = (value) => {
  const tls = TLS_MODES.find((mode) => mode === value);
  if (tls) return { tls };
  if (value === 'no-verify') return { fault: 'no-verify is not of PostgreSQL; write require' };
  if (value === 'prefer' || value === 'allow')
    return { fault: `${value} may fall back to clear text; write require or disable` };
  return { fault: `it must be ${TLS_MODES.join(', ')}` };
};

const READERS: Readonly<Record<string, Reader>> = {
  sslmode: tlsMode,
  sslrootcert: (rootCertificate) => ({
    rootCertificate,
    // As with libpq, which then takes nothing less.
    ...(rootCertificate === 'system' && { tls: 'verify-full' }),
  }),
  sslcert: (clientCertificate) => ({ clientCertificate }),
  sslkey: (clientKey) => ({ clientKey }),
  sslpassword: (clientKeyPassword) => ({ clientKeyPassword }),
  sslnegotiation: (value) =>
    value === 'direct' ? { isTlsDirect: true } : only('postgres', 'direct')(value),
  channel_binding: (value) =>
    value === 'disable' || value === 'prefer' || value === 'require'
      ? { channelBinding: value }
      : { fault: 'it must be disable, prefer or require' },
  // SQLAlchemy writes spaces as "+".
  options: (value) => ({ options: value.replaceAll('+', ' ') }),
  application_name: (applicationName) => ({ applicationName }),
  fallback_application_name: () => NOTHING,
  connect_timeout: (value) => {
    const seconds = secondsOf(value, MAX_CONNECT_SECONDS);
    return typeof seconds === 'number' ? { connectTimeout: seconds * 1000 } : seconds;
  },
  keepalives: only('1'),
  keepalives_idle: (value) => {
    const seconds = secondsOf(value, MAX_KEEPALIVE_SECONDS);
    return typeof seconds === 'number' ? { keepAlive: seconds * 1000 } : seconds;
  },
  client_encoding: (value) => only('utf8', 'utf-8', 'auto')(value.toLowerCase()),
  target_session_attrs: only('any', 'read-write', 'primary'),
  gssencmode: only('disable', 'prefer'),
  sslsni: only('1'),
  sslcompression: only('0'),
  // Marks of Prisma, node-postgres and Supabase.
  pgbouncer: (value) => (value === 'true' ? { isPooled: true } : only('true', 'false')(value)),
  uselibpqcompat: only('true'),
  supa: () => NOTHING,
};

/** Of other programs, with what says the same here. */
const INSTEAD: Readonly<Record<string, string>> = {
  ssl: 'write sslmode=require or sslmode=verify-full',
  sslaccept: 'write sslmode=require or sslmode=verify-full',
  ssl_require: 'write sslmode=require or sslmode=verify-full',
  schema: 'write options=-c%20search_path%3DNAME',
  currentSchema: 'write options=-c%20search_path%3DNAME',
  search_path: 'write options=-c%20search_path%3DNAME',
  connection_limit: 'set GATEPASS_DATABASE_POOL_SIZE',
  pool: 'set GATEPASS_DATABASE_POOL_SIZE',
  pool_size: 'set GATEPASS_DATABASE_POOL_SIZE',
  pool_max_conns: 'set GATEPASS_DATABASE_POOL_SIZE',
  max: 'set GATEPASS_DATABASE_POOL_SIZE',
  encoding: 'write client_encoding=utf8',
  charset: 'write client_encoding=utf8',
};

const NOT_HERE: readonly string[] = [
  ...['hostaddr', 'service', 'passfile', 'replication', 'require_auth', 'requirepeer'],
  ...['keepalives_interval', 'keepalives_count', 'tcp_user_timeout', 'load_balance_hosts'],
  ...['krbsrvname', 'gsslib', 'gssdelegation', 'sslcrl', 'sslcrldir', 'sslcertmode'],
  ...['ssl_min_protocol_version', 'ssl_max_protocol_version', 'sslkeylogfile'],
  ...['pool_timeout', 'socket_timeout', 'statement_cache_size', 'prepared_statements'],
  ...['prepareThreshold', 'conn_max_age', 'conn_health_checks', 'disable_server_side_cursors'],
  ...['statement_timeout', 'serverVersion', 'reconnect', 'timeout', 'sslidentity'],
];

export const PARAMETERS = {
  defaults: { tls: 'disable', channelBinding: 'prefer' } satisfies Parameters,

  /** A name that is not known is not repeated: it may be a part of a password. */
  read(name: string, value: string): Reading {
    const reader = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
    if (reader) {
      const reading = reader(value);
      return 'fault' in reading ? { fault: `has a bad ${name}: ${reading.fault}` } : reading;
    }
    const instead = Object.hasOwn(INSTEAD, name) ? INSTEAD[name] : undefined;
    if (instead)
      return { fault: `has the parameter ${name}, which is not of PostgreSQL: ${instead}` };
    return NOT_HERE.includes(name)
      ? { fault: `has the parameter ${name}, which is not supported: remove it` }
      : { fault: 'has an unknown parameter: remove it, or percent-encode the password' };
  },
};
