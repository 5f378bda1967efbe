/** `postgres://…` and the forms other programs have of it. Pure. Nothing here shows a password. */

import type { Faulty } from './parsed.ts';
import { PARAMETERS, type Parameters } from './postgres-parameters.ts';

export type PostgresAddress = Parameters & {
  readonly engine: 'postgres';
  /** A host, the directory of a Unix socket, or, where the URL names none, what libpq would take. */
  readonly host: string | undefined;
  readonly port: number;
  readonly database: string;
  /** Missing parts come from PGUSER and PGPASSWORD, as in psql. */
  readonly user: string | undefined;
  readonly password: string | undefined;
};

const DEFAULT_PORT = 5432;
const ENCODE =
  'cannot be read: percent-encode the password (@ is %40, / is %2F, ? is %3F, # is %23, % is %25)';

const PARTS = /^(?:([^@]*)@)?([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/s;

/** @param text what follows `postgres://` */
export function postgresAddress(text: string): PostgresAddress | Faulty {
  // Of a password with such a character another reader would take a part for the host.
  const credentials = text.slice(0, Math.max(0, text.lastIndexOf('@')));
  if (/[@/?#]/.test(credentials) || [...text].some((each) => each < ' ')) return { fault: ENCODE };
  const [, user = '', place = '', path = '', query = ''] = PARTS.exec(text) ?? [];
  if (text.includes('#')) return { fault: ENCODE };
  try {
    return assemble(user, place, path, query);
  } catch (error) {
    if (error instanceof URIError) return { fault: ENCODE };
    throw error;
  }
}

function assemble(
  credentials: string,
  place: string,
  path: string,
  query: string,
): PostgresAddress | Faulty {
  const given = parametersOf(query);
  if ('fault' in given) return given;
  const [user = '', ...rest] = credentials.split(':');
  const where = placeOf(place);
  if ('fault' in where) return where;
  const host = given.host ?? where.host;
  if (host?.includes(','))
    return { fault: 'names several hosts: name one, such as a proxy that follows the primary' };
  if (host?.startsWith('@')) return { fault: 'names an abstract socket: name its host' };
  const database = given.database ?? decode(path);
  if (database === '') return { fault: 'names no database: write postgres://USER@HOST/NAME' };
  if (database.includes('/')) return { fault: 'has a "/" in the name of the database' };
  const { user: named, password: known, port, ...parameters } = given;
  const fault = contradictionOf(parameters, host);
  if (fault !== undefined) return { fault };
  return {
    engine: 'postgres',
    ...parameters,
    // As with libpq, which encrypts nothing there.
    tls: host?.startsWith('/') ? 'disable' : parameters.tls,
    host: host === '' ? undefined : host,
    port: port ?? where.port ?? DEFAULT_PORT,
    database,
    user: (named ?? decode(user)) || undefined,
    password: (known ?? decode(rest.join(':'))) || undefined,
  };
}

/** @throws {URIError} where "%" encodes nothing */
function decode(text: string): string {
  const decoded = decodeURIComponent(text);
  if (decoded.includes('\0')) throw new URIError('NUL');
  return decoded;
}

function placeOf(text: string): { host: string; port: number | undefined } | Faulty {
  if (text.includes(',')) return { host: text, port: undefined };
  const [, six, name = '', port = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/s.exec(text) ?? [];
  if (port !== '' && !isPort(port)) return { fault: 'has a port that is not a number to 65535' };
  return { host: six ?? decode(name), port: port === '' ? undefined : Number(port) };
}

const isPort = (text: string) =>
  /^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) < 65_536;

type Given = Parameters & {
  host?: string;
  database?: string;
  user?: string;
  password?: string;
  port?: number;
};

function parametersOf(query: string): Given | Faulty {
  let given: Given = { ...PARAMETERS.defaults };
  for (const pair of query.split('&').filter((each) => each !== '')) {
    const at = pair.indexOf('=');
    const name = decode(at < 0 ? pair : pair.slice(0, at));
    const value = at < 0 ? '' : decode(pair.slice(at + 1));
    const found = placeParameter(name, value) ?? PARAMETERS.read(name, value);
    if ('fault' in found) return found;
    given = { ...given, ...found };
  }
  return given;
}

/** Parameters that stand for a part of the URL. */
function placeParameter(name: string, value: string): Partial<Given> | Faulty | undefined {
  switch (name) {
    case 'host':
      return { host: value };
    case 'dbname':
      return { database: value };
    case 'user':
      return { user: value };
    case 'password':
      return { password: value };
    case 'port':
      return isPort(value)
        ? { port: Number(value) }
        : { fault: 'has a port that is not a number to 65535' };
    default:
      return undefined;
  }
}

function contradictionOf(parameters: Parameters, host: string | undefined): string | undefined {
  const { tls, rootCertificate, clientCertificate, clientKey, channelBinding } = parameters;
  const isSocket = host?.startsWith('/') ?? false;
  if ((clientCertificate === undefined) !== (clientKey === undefined))
    return 'has one of sslcert and sslkey: give both';
  const isVerifying = rootCertificate !== undefined || clientCertificate !== undefined;
  if (tls === 'disable' && isVerifying && !isSocket)
    return 'names certificates and does not ask for TLS: add sslmode=verify-full';
  if (rootCertificate === 'system' && tls !== 'verify-full' && !isSocket)
    return 'has sslrootcert=system with a weaker mode: write sslmode=verify-full';
  if (channelBinding === 'require' && (tls === 'disable' || isSocket))
    return 'has channel_binding=require without TLS: add sslmode=verify-full';
  return undefined;
}
