/** Every form of URL that people write works as its writer means it, or is refused with the form to use. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDatabaseUrl } from '../../src/config/database-url.ts';
import { sqliteAddress } from '../../src/config/sqlite-url.ts';

const faultOf = (url: string): string => {
  const address = parseDatabaseUrl(url);
  return 'fault' in address ? address.fault : '';
};

const DEFAULTS = {
  engine: 'postgres',
  host: 'h',
  port: 5432,
  database: 'd',
  user: undefined,
  password: undefined,
  tls: 'disable',
  channelBinding: 'prefer',
};

test('SQLite: a path from the working directory or from the root', () => {
  const paths: Record<string, string> = {
    'sqlite:data.db': 'data.db',
    'sqlite:./data/gatepass.db': './data/gatepass.db',
    'sqlite:../gatepass.db': '../gatepass.db',
    'sqlite:/var/lib/gatepass/gatepass.db': '/var/lib/gatepass/gatepass.db',
    'sqlite:////var/lib/gatepass.db': '/var/lib/gatepass.db',
    'SQLite:data.db': 'data.db',
    'sqlite:my data.db': 'my data.db',
    'sqlite:50%.db': '50%.db',
    'sqlite:данные.db': 'данные.db',
    'sqlite::memory:': ':memory:',
  };
  for (const [url, path] of Object.entries(paths))
    assert.deepEqual(parseDatabaseUrl(url), { engine: 'sqlite', path }, url);
});

test('SQLite: an ambiguous or invalid path is refused with the form to use', () => {
  const refused: Record<string, RegExp> = {
    'sqlite:': /names no file/,
    'sqlite://': /slashes/,
    'sqlite://data.db': /slashes/,
    'sqlite:///data/gatepass.db': /slashes/,
    'sqlite:///:memory:': /slashes/,
    'sqlite:~/gatepass.db': /"~"/,
    'sqlite:$HOME/gatepass.db': /a variable/,
    'sqlite:${DATA}/gatepass.db': /a variable/,
    'sqlite:%APPDATA%/gatepass.db': /a variable/,
    'sqlite:data.db?mode=ro': /parameters/,
    'sqlite:data.db?cache=shared&busy_timeout=5000': /parameters/,
    'sqlite:data.db#x': /parameters/,
    'sqlite:my%20data.db': /percent-encoded/,
    'sqlite:/var/lib/gatepass/': /a directory/,
    'sqlite:.': /a directory/,
    'sqlite:..': /a directory/,
    'sqlite:file:data.db': /no plain file/,
    'sqlite:memory': /no plain file/,
    'sqlite:file::memory:': /no plain file/,
    'sqlite: data.db': /white space/,
    'file:./dev.db': /write sqlite:PATH/,
    'file:///var/lib/x.db': /write sqlite:PATH/,
    'sqlite3:db/production.sqlite3': /write sqlite:PATH/,
    'sqlite+aiosqlite:///x.db': /write sqlite:PATH/,
    'jdbc:sqlite:x.db': /write sqlite:PATH/,
    './data/gatepass.db': /sqlite:PATH or postgres:/,
    '/var/lib/gatepass.db': /sqlite:PATH or postgres:/,
  };
  for (const [url, words] of Object.entries(refused)) {
    assert.match(faultOf(url), words, url);
    assert.match(faultOf(url), /sqlite:(?:PATH|\.\/data)/, `${url}: no form to use`);
  }
});

test('SQLite: Windows paths are accepted on Windows only', () => {
  const windows = (text: string) => sqliteAddress(text, 'win32');
  const path = 'C:\\data\\gatepass.db';
  assert.deepEqual(windows(path), { engine: 'sqlite', path });
  assert.deepEqual(windows('C:/data/x.db'), { engine: 'sqlite', path: 'C:/data/x.db' });
  assert.deepEqual(windows('///C:/data/x.db'), { engine: 'sqlite', path: 'C:/data/x.db' });
  assert.deepEqual(windows('.\\x.db'), { engine: 'sqlite', path: '.\\x.db' });
  for (const text of [path, 'C:/data/x.db', '///C:/data/x.db', '.\\data\\x.db'])
    assert.ok('fault' in sqliteAddress(text, 'linux'), text);
});

test('PostgreSQL: the forms of libpq, Heroku, Django, SQLAlchemy and managed services', () => {
  const read: Record<string, object> = {
    'postgresql://al%40ice:p%2Fw@[::1]:6543/my%20db': {
      ...{ host: '::1', port: 6543, database: 'my db', user: 'al@ice', password: 'p/w' },
    },
    'postgres://u:p@h/d': { user: 'u', password: 'p' },
    'POSTGRES://u:p@h/d': { user: 'u', password: 'p' },
    'postgres://u:a:b+c@h/d': { user: 'u', password: 'a:b+c' },
    'postgres://h/d': {},
    'postgres://h:6543/d': { port: 6543 },
    'postgresql+psycopg://h/d': {},
    'postgresql+psycopg2://h/d': {},
    'postgresql+asyncpg://h/d': {},
    'psql://h/d': {},
    'pgsql://h/d': {},
    'postgis://h/d': {},
    'postgres:///d?host=/var/run/postgresql': { host: '/var/run/postgresql' },
    'postgres://u@/d?host=/run/pg&port=6543': { host: '/run/pg', port: 6543, user: 'u' },
    'postgres://%2Fvar%2Frun%2Fpostgresql/d': { host: '/var/run/postgresql' },
    'postgres://u@%2Frun%2Fpg:6543/d': { host: '/run/pg', port: 6543, user: 'u' },
    'postgres:///d': { host: undefined },
    'postgres:///?dbname=d&host=h&user=u&password=p': { user: 'u', password: 'p' },
    // Neon
    'postgresql://u:p@h/d?sslmode=require&channel_binding=require': {
      ...{ user: 'u', password: 'p', tls: 'require', channelBinding: 'require' },
    },
    'postgresql://u:p@h/d?sslmode=require&options=endpoint%3Dep-x-1': {
      ...{ user: 'u', password: 'p', tls: 'require', options: 'endpoint=ep-x-1' },
    },
    // Supabase
    'postgresql://postgres.ref:p@h:6543/d?pgbouncer=true': {
      ...{ user: 'postgres.ref', password: 'p', port: 6543, isPooled: true },
    },
    'postgres://u:p@h/d?sslmode=require&supa=base-pooler.x': {
      ...{ user: 'u', password: 'p', tls: 'require' },
    },
    'postgres://h/d?options=-c%20search_path%3Dauth': { options: '-c search_path=auth' },
    'postgres://h/d?options=-csearch_path%3Dauth': { options: '-csearch_path=auth' },
    'postgres://h/d?options=-c+search_path%3Dauth': { options: '-c search_path=auth' },
    'postgres://h/d?application_name=auth&connect_timeout=10': {
      ...{ applicationName: 'auth', connectTimeout: 10_000 },
    },
    'postgres://h/d?sslmode=disable': {},
    'postgres://h/d?sslmode=verify-ca&sslrootcert=/ca.pem': {
      ...{ tls: 'verify-ca', rootCertificate: '/ca.pem' },
    },
    'postgres://h/d?sslrootcert=system': { tls: 'verify-full', rootCertificate: 'system' },
    'postgres://h/d?sslmode=verify-full&sslcert=/c.pem&sslkey=/k.pem': {
      ...{ tls: 'verify-full', clientCertificate: '/c.pem', clientKey: '/k.pem' },
    },
    'postgres:///d?host=/run/pg&sslmode=require': { host: '/run/pg' },
    'postgres://h/d?target_session_attrs=read-write&client_encoding=UTF8&keepalives=1': {},
    'postgres://h/d?': {},
  };
  for (const [url, expected] of Object.entries(read))
    assert.deepEqual(parseDatabaseUrl(url), { ...DEFAULTS, ...expected }, url);
});

test('PostgreSQL: parameters that would be ignored or mean something else are refused', () => {
  const refused: Record<string, RegExp> = {
    'postgres://h/d?sslmode=prefer': /may fall back to clear text; write require/,
    'postgres://h/d?sslmode=allow': /may fall back to clear text; write require/,
    'postgres://h/d?sslmode=no-verify': /write require/,
    'postgres://h/d?sslmode=': /must be disable, require/,
    'postgres://h/d?ssl=true': /write sslmode=require/,
    'postgres://h/d?sslrootcert=/ca.pem': /add sslmode=verify-full/,
    'postgres://h/d?sslmode=require&sslrootcert=system&sslmode=require':
      /write sslmode=verify-full/,
    'postgres://h/d?sslmode=verify-full&sslcert=/c.pem': /give both/,
    'postgres://h/d?channel_binding=require': /without TLS/,
    'postgres://h/d?channel_binding=maybe': /must be disable, prefer or require/,
    'postgres://h/d?connect_timeout=0': /from 1 to 60/,
    'postgres://h/d?connect_timeout=soon': /from 1 to 60/,
    'postgres://h/d?port=99999': /port/,
    'postgres://h:port/d': /port/,
    'postgres://h:0/d': /port/,
    'postgres://h1,h2/d': /several hosts/,
    'postgres://h1:5432,h2:5433/d': /several hosts/,
    'postgres://h1/d?host=h1,h2': /several hosts/,
    'postgres:///d?host=%40abstract': /abstract socket/,
    'postgres://h/d?target_session_attrs=standby': /not supported/,
    'postgres://h/d?schema=auth': /search_path/,
    'postgres://h/d?connection_limit=5': /GATEPASS_DATABASE_POOL_SIZE/,
    'postgres://h/d?sslcrl=/crl.pem': /sslcrl, which is not supported/,
    'postgres://h/d?nonsense=1': /unknown parameter/,
    'postgres://h/d?__proto__=1': /unknown parameter/,
    'postgres://h/': /no database/,
    'postgres://h': /no database/,
    'postgres://h/a/b': /"\/"/,
    'jdbc:postgresql://h/d': /write postgres:/,
    'host=h dbname=d user=u': /write postgres:/,
    'mysql://h/d': /postgres:/,
    'cockroachdb://h/d': /postgres:/,
  };
  for (const [url, words] of Object.entries(refused)) assert.match(faultOf(url), words, url);
});
