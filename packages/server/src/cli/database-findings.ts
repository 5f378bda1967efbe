import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../config/config.ts';
import {
  type PostgresAddress,
  parseDatabaseUrl,
  type SqliteAddress,
} from '../config/database-url.ts';
import { isLoopback } from '../config/exposure.ts';
import { type OpenDatabase, openConfigured } from '../database/open.ts';
import type { Finding } from '../doctor/finding.ts';
import { explain } from './failure.ts';

const databaseFinding = (level: Finding['level'], message: string): Finding => ({
  check: 'database',
  level,
  message,
});

/** Whether a server could use the database, as far as can be told without writing to it. */
export async function databaseFindings(config: Config): Promise<Finding[]> {
  const { databaseUrl } = config;
  const address = parseDatabaseUrl(databaseUrl);
  if ('fault' in address) return [];
  if (databaseUrl === 'sqlite::memory:')
    return [databaseFinding('warning', 'in memory: everything is lost when the service stops')];
  if (address.engine === 'sqlite' && !existsSync(address.path)) return newFile(address);
  const findings = address.engine === 'sqlite' ? fileFindings(address) : serverFindings(address);
  try {
    const database = openConfigured(config);
    return [...findings, ...(await examineDatabase(database))];
  } catch (error) {
    return [...findings, databaseFinding('fault', explain(error))];
  }
}

function newFile({ path }: SqliteAddress): Finding[] {
  const directory = dirname(path);
  // The server creates the last directory of the path, but not its parents.
  const place = existsSync(directory) ? directory : dirname(directory);
  if (!existsSync(place))
    return [databaseFinding('fault', `neither ${directory} nor ${place} exists: create ${place}`)];
  if (!isWritable(place))
    return [databaseFinding('fault', `nothing can be created in ${place} by this user`)];
  return [databaseFinding('ok', `SQLite ${path} does not exist; "serve" will create it`)];
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function fileFindings({ path }: SqliteAddress): Finding[] {
  const stats = statSync(path);
  if (stats.isDirectory())
    return [databaseFinding('fault', `${path} is a directory: name a file in it`)];
  return (stats.mode & 0o077) === 0
    ? []
    : [databaseFinding('warning', `${path} can be read by other users: chmod 600`)];
}

const serverFindings = ({ host = 'localhost', tls }: PostgresAddress): Finding[] =>
  tls === 'disable' && !host.startsWith('/') && !isLoopback(host)
    ? [databaseFinding('warning', `no TLS to ${host}: add ?sslmode=verify-full to the URL`)]
    : tls === 'require'
      ? [databaseFinding('warning', `sslmode=require trusts any server; verify-full does not`)]
      : [];

async function examineDatabase(database: OpenDatabase): Promise<Finding[]> {
  try {
    const pending = await database.pending();
    const isNew = pending[0]?.startsWith('001') ?? false;
    // With pending migrations, the rehearsal would lock tables that are in use.
    if (isNew || pending.length === 0) await database.rehearse();
    if (isNew)
      return [databaseFinding('ok', `${database.description} is empty; "serve" will fill it`)];
    const schema =
      pending.length > 0
        ? [
            databaseFinding(
              'warning',
              `the schema lacks ${pending.join(', ')}; "serve" will bring it up to date`,
            ),
          ]
        : [];
    const warnings = (await database.warnings()).map((text) => databaseFinding('warning', text));
    const damage = await database.check();
    return [
      ...schema,
      ...warnings,
      damage.length === 0
        ? databaseFinding('ok', `${database.description} is sound`)
        : databaseFinding('fault', `damaged: ${damage[0]}`),
    ];
  } finally {
    await database.close();
  }
}
