/** Where a database is, as its URL says; pure. Nothing here shows a password. */
export type SqliteAddress = { readonly engine: 'sqlite'; readonly path: string };

export type PostgresAddress = {
  readonly engine: 'postgres';
  /** A host, or the directory of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** What is left out is taken from PGUSER and PGPASSWORD, as psql does. */
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly tls: TlsMode;
  /** A file with the certificates to trust, instead of the well-known ones. */
  readonly rootCertificate: string | undefined;
};

export type DatabaseAddress = SqliteAddress | PostgresAddress;
type TlsMode = (typeof TLS_MODES)[number];
type Faulty = { readonly fault: string };

/** As libpq has them; its `allow` and `prefer`, which may end in clear text, are refused. */
const TLS_MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
const PARAMETERS = ['sslmode', 'sslrootcert', 'host'];
const DEFAULT_PORT = 5432;

/**
 * @returns the address, or the reason why it is none; never a part of the URL that may be secret
 * @example parseDatabaseUrl('postgres://gatepass:secret@db.example.com/gatepass?sslmode=verify-full')
 */
export function parseDatabaseUrl(text: string): DatabaseAddress | Faulty {
  const path = /^sqlite:(.+)$/s.exec(text)?.[1];
  if (path !== undefined) return { engine: 'sqlite', path };
  if (!/^postgres(?:ql)?:\/\//.test(text)) return { fault: 'names no database that is known' };
  // The scheme a URL parser knows as hierarchical: "postgres:///name" has no host.
  const url = URL.parse(text);
  if (!url) return { fault: 'cannot be read (percent-encode special characters of the password)' };
  try {
    return postgresAddress(url);
  } catch {
    return { fault: 'has a "%" that encodes nothing (write %25)' };
  }
}

function postgresAddress(url: URL): PostgresAddress | Faulty {
  const stranger = [...url.searchParams.keys()].find((name) => !PARAMETERS.includes(name));
  if (stranger !== undefined)
    return {
      fault: `has the unknown parameter ${printable(stranger)}; known are ${PARAMETERS.join(', ')}`,
    };
  const asked = url.searchParams.get('sslmode') ?? 'disable';
  const tls = TLS_MODES.find((mode) => mode === asked);
  if (!tls) return { fault: `has an sslmode other than ${TLS_MODES.join(', ')}` };
  const database = decodeURIComponent(url.pathname.slice(1));
  if (database === '' || database.includes('/')) return { fault: 'names no database: …/NAME' };
  return {
    engine: 'postgres',
    host: url.searchParams.get('host') ?? (url.hostname.replace(/^\[|\]$/g, '') || 'localhost'),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    database,
    user: decodeURIComponent(url.username) || undefined,
    password: decodeURIComponent(url.password) || undefined,
    tls,
    rootCertificate: url.searchParams.get('sslrootcert') ?? undefined,
  };
}

const printable = (text: string) => text.replace(/[^\w-]/g, '?').slice(0, 40);

/** What may be shown of a URL, good or not: engine and place, never credentials. */
export function describeUrl(url: string): string {
  const address = parseDatabaseUrl(url);
  return 'fault' in address ? `a database URL that ${address.fault}` : describeAddress(address);
}

/** For people: engine and place, never credentials. */
export function describeAddress(address: DatabaseAddress): string {
  if (address.engine === 'sqlite') return `SQLite ${address.path}`;
  const { host, port, database } = address;
  return `PostgreSQL ${host.includes(':') ? `[${host}]` : host}:${port}/${database}`;
}
