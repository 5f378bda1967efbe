import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { pino } from 'pino';
import { OPERATOR } from '../audit/event.ts';
import { backUp } from '../backup/backup.ts';
import { prepareFill } from '../backup/fill.ts';
import { noteBackup } from '../backup/last-backup.ts';
import type { Manifest } from '../backup/manifest.ts';
import { type Present, prepareRestore, type Restore } from '../backup/restore.ts';
import { type Config, readConfig } from '../config/config.ts';
import { type DatabaseAddress, describeAddress, parseDatabaseUrl } from '../config/database-url.ts';
import type { Tx } from '../database/database.ts';
import type { OpenDatabase } from '../database/open.ts';
import { createServices } from '../services.ts';
import { VERSION as version } from '../version.ts';
import { confirm } from './confirm.ts';
import type { Context } from './context.ts';
import { counted } from './counted.ts';
import { CliError, EXIT } from './failure.ts';
import { createProgress } from './progress.ts';

type BackupOptions = { force?: boolean; json?: boolean };
type RestoreOptions = {
  to?: string;
  force?: boolean;
  yes?: boolean;
  dryRun?: boolean;
  json?: boolean;
};

export function addBackupCommands(db: Command, context: Context): void {
  db.command('backup <file>')
    .description('write everything into one file and check it, while servers keep running')
    .option('--force', 'replace the file if it exists')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
The file is as secret as the database: it is made with mode 0600.

Examples:
  $ gatepass db backup /backups/gatepass.db --force
  $ gatepass db backup "/backups/gatepass-$(date +%F).db" --json`,
    )
    .action(backup(context));

  db.command('restore <file>')
    .description('replace the database with a backup; ends every session')
    .option('--to <url>', 'the database to restore into; default GATEPASS_DATABASE_URL')
    .option('--yes', 'do not ask')
    .option('--force', 'even over another installation, or a database that cannot be read')
    .option('--dry-run', 'check the backup and the target; change nothing')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Stop every server first. Changes made after the backup are lost, and every token issued before the
restore becomes void: all users must log in again.

A database file is replaced; the former one is kept beside it. A PostgreSQL database must be empty:
it is migrated and filled in one transaction, every row is compared, and after a failure it stays
empty. A password in a URL can be seen in the list of processes: leave it out and set
PGPASSWORD.

Examples:
  $ gatepass db restore /backups/gatepass.db --dry-run
  $ gatepass db restore /backups/gatepass.db
  $ gatepass db restore /backups/gatepass.db --yes --json
  $ gatepass db restore /backups/gatepass.db --to postgres://gatepass@db.example.com/gatepass_new`,
    )
    .action(restore(context));
}

const backup =
  (context: Context) =>
  (file: string, { force = false, json }: BackupOptions) => {
    const { clock, print } = context;
    return context.withDatabase(
      async (database) => {
        const options = { overwrite: force, clock, version, onProgress: createProgress(context) };
        const { bytes, ...manifest } = await backUp(database, file, options);
        // A schema of an earlier version cannot store it.
        if ((await database.pending()).length === 0) await noteBackup(database, manifest.made_at);
        const accounts = manifest.tables.users?.rows ?? 0;
        const text = `Backed up ${counted(accounts, 'account')} into ${file}, ${counted(bytes, 'byte')}.`;
        print({ file, bytes, ...manifestView(manifest) }, text, json);
      },
      { mustExist: true },
    );
  };

const restore = (context: Context) => async (file: string, options: RestoreOptions) => {
  const { clock, env, print } = context;
  const { force = false, dryRun = false, json } = options;
  const config = readConfig(env);
  const url = options.to ?? config.databaseUrl;
  const address = parseDatabaseUrl(url);
  if ('fault' in address) throw new CliError(EXIT.usage, `--to ${address.fault}.`);
  const given = { force, clock, sleep, onProgress: createProgress(context) };
  const prepared =
    address.engine === 'sqlite'
      ? await prepareRestore(file, address.path, given)
      : await prepareFill(file, url, given);
  try {
    const { manifest, present } = prepared;
    refuseForeign(prepared, force);
    const result = { file, to: describeAddress(address), ...manifestView(manifest), present };
    const what = `${file} is of ${time(manifest.made_at)} and holds ${counted(prepared.accounts, 'account')}. ${describe(present, address)}`;
    if (dryRun) {
      print({ ...result, restored: false }, `${what} Nothing was changed.`, json);
      return;
    }
    if (!options.yes) await confirm(context, `${what}\nRestore it, and end every session?`);
    const former = await prepared.carryOut(beginEpoch(context, config, manifest));
    const kept = former
      ? ` The former database is ${former}: delete it when it is not needed.`
      : address.engine === 'postgres'
        ? ` Start the servers on ${describeAddress(address)}.`
        : '';
    print(
      { ...result, restored: true, former: former ?? null },
      `Restored ${file} of ${time(manifest.made_at)}: ${counted(prepared.accounts, 'account')}. Every session has ended.${kept}`,
      json,
    );
  } finally {
    await prepared.release();
  }
};

/** Voids every token issued before; the audit log says when and by whom. */
const beginEpoch =
  ({ clock, stderr }: Context, config: Config, { made_at }: Manifest) =>
  async (database: OpenDatabase, tx: Tx) => {
    const logger = pino({ level: 'error' }, stderr);
    const { audit, beginEpoch, parts } = createServices({ config, database, clock, logger });
    const epoch = await beginEpoch(tx);
    for (const { onRestore } of parts) await onRestore?.(tx);
    const details = { count: epoch.ended, backup_of: made_at };
    await audit.record(tx, { event: 'restore', by: OPERATOR, details });
    return epoch;
  };

function refuseForeign({ manifest, present }: Restore, force: boolean): void {
  const isForeign =
    present.state === 'database' &&
    present.accounts > 0 &&
    present.installation !== manifest.installation;
  if (isForeign && !force)
    throw new CliError(
      EXIT.refused,
      `The backup is from another installation, and the present database holds ${counted(present.accounts, 'account')}. To lose them, use --force.`,
    );
}

function describe(present: Present, address: DatabaseAddress): string {
  if (address.engine === 'postgres') return `${describeAddress(address)} is empty.`;
  const { path } = address;
  if (present.state === 'none') return `There is no database ${path} yet.`;
  if (present.state === 'unreadable') return `It replaces ${path}, which cannot be read.`;
  return `It replaces ${path} with its ${counted(present.accounts, 'account')}.`;
}

export const time = (epochMs: number) => new Date(epochMs).toISOString();

export const manifestView = ({ made_at, version: madeBy, tables }: Manifest) => ({
  made_at: time(made_at),
  version: madeBy,
  rows: Object.fromEntries(Object.entries(tables).map(([name, { rows }]) => [name, rows])),
});
