import type { Command } from 'commander';
import { OPERATOR } from '../audit/event.ts';
import { parseDatabaseUrl } from '../config/database-url.ts';
import type { Fault } from '../import/candidate.ts';
import type { Plan } from '../import/plan.ts';
import type { Contents } from '../import/source.ts';
import type { Context } from './context.ts';
import { CliError, EXIT } from './failure.ts';
import { createProgress } from './progress.ts';

type Options = { dryRun?: boolean; skipFaulty?: boolean; json?: boolean };
type DjangoOptions = Options & {
  from?: string;
  fromJson?: string;
  table?: string;
  emailColumn: string;
};

const SHOWN_FAULTS = 20;

export function addImportCommands(program: Command, context: Context): void {
  const group = program
    .command('import')
    .description('Bring accounts from elsewhere, with ids and password hashes: all of them or none')
    .addHelpText(
      'after',
      `
Nobody has to set a new password: hashes are kept as they are and become Argon2id at the next login.
An import that has been done changes nothing when it is done again.

Examples:
  $ gatepass import django --from sqlite:db.sqlite3 --dry-run
  $ gatepass import django --from postgres://django@db.example.com/app --table accounts_user
  $ gatepass import django --from-json dumpdata.json --skip-faulty
  $ gatepass import csv users.csv

The whole move: docs/from-django.md`,
    );
  const command = (usage: string, description: string) =>
    group
      .command(usage)
      .description(description)
      .option('--dry-run', 'say what would be done, and do nothing')
      .option('--skip-faulty', 'leave out the rows that cannot be accounts instead of refusing all')
      .option('--json', 'print JSON');

  command('django', "Django's users, and what SimpleJWT has blacklisted")
    .option('--from <url>', 'sqlite:PATH or postgres://…, which is only read')
    .option('--from-json <file>', 'what "manage.py dumpdata" wrote')
    .option('--table <name>', 'the table of the users (default: auth_user, or the one that fits)')
    .option('--email-column <name>', 'the column with the e-mail addresses', 'email')
    .action(async (options: DjangoOptions) =>
      run(context, await readDjangoSource(context, options), options),
    );

  command('csv <file>', 'a file with the columns email, password_hash and perhaps others')
    .addHelpText(
      'after',
      `
The first line names the columns: email and password_hash; if known id, is_active, created_at,
last_login_at. Times are ISO 8601. Hashes: PHC strings of Argon2 and scrypt, bcrypt ($2a$, $2b$,
$2y$), and Django's.`,
    )
    .action(async (file: string, options: Options) => {
      const { readCsv } = await import('../import/csv-source.ts');
      await run(context, readCsv(file), options);
    });
}

async function readDjangoSource({ clock }: Context, options: DjangoOptions): Promise<Contents> {
  const { from, fromJson, table, emailColumn: email } = options;
  if ((from === undefined) === (fromJson === undefined))
    throw new CliError(EXIT.usage, 'Give --from with a URL or --from-json with a file, not both.');
  if (fromJson !== undefined) {
    const { readDjangoDump } = await import('../import/django-dump.ts');
    return readDjangoDump(fromJson, { table, email });
  }
  const { readDjango } = await import('../import/django-tables.ts');
  const database = await openSource(from ?? '');
  try {
    return await readDjango(database, { table, email }, clock.now());
  } finally {
    await database.close();
  }
}

async function openSource(url: string) {
  const address = parseDatabaseUrl(url);
  if ('fault' in address)
    throw new CliError(
      EXIT.usage,
      `--from ${address.fault}; it must be sqlite:PATH or postgres://USER@HOST/NAME.`,
    );
  if (address.engine === 'sqlite') {
    const { openSqliteSource } = await import('../import/sqlite-source.ts');
    return openSqliteSource(address.path);
  }
  const { openPostgresSource } = await import('../import/postgres-source.ts');
  return openPostgresSource(address);
}

async function run(
  context: Context,
  contents: Contents,
  { dryRun, skipFaulty, json }: Options,
): Promise<void> {
  const { print, withAccounts } = context;
  await withAccounts(async ({ importer }) => {
    const plan = await importer.plan(contents);
    const isRefused = plan.faults.length > 0 && !skipFaulty;
    if (plan.faults.length > 0) report(context, plan.faults);
    if (dryRun || isRefused) {
      print(summaryOf(plan, { accounts: 0, logouts: 0 }), textOf(plan, 'would be'), json);
      if (!isRefused) return;
      throw new CliError(
        EXIT.refused,
        `${plan.faults.length} of ${contents.candidates.length} rows cannot be accounts, so nothing was imported. Mend them at the source, or leave them out with --skip-faulty.`,
      );
    }
    const progress = createProgress(context, 'importing', plan.arrivals.length);
    const done = await importer.carryOut(plan, contents.logouts, OPERATOR, progress);
    print(summaryOf(plan, done), `${textOf(plan, 'were')}${logoutsOf(done.logouts)}`, json);
  });
}

function report({ stderr }: Context, faults: readonly Fault[]): void {
  for (const { place, email, code } of faults.slice(0, SHOWN_FAULTS))
    stderr.write(`${place}  ${JSON.stringify(email)}  ${code}: ${REASONS[code]}\n`);
  const more = faults.length - SHOWN_FAULTS;
  if (more > 0) stderr.write(`… and ${more} more (all of them with --json)\n`);
}

const summaryOf = (plan: Plan, done: { accounts: number; logouts: number }) => ({
  imported: done.accounts,
  importable: plan.arrivals.length,
  present: plan.present,
  without_password: withoutPassword(plan),
  logouts: done.logouts,
  faults: plan.faults,
});

const withoutPassword = ({ arrivals }: Plan) =>
  arrivals.filter(({ passwordHash }) => passwordHash === undefined).length;

function textOf(plan: Plan, verb: string): string {
  const passwordless = withoutPassword(plan);
  return [
    `${plan.arrivals.length} accounts ${verb} imported`,
    passwordless > 0 ? `${passwordless} of them without a usable password` : '',
    plan.present > 0 ? `${plan.present} are here already` : '',
    plan.faults.length > 0 ? `${plan.faults.length} left out` : '',
  ]
    .filter((part) => part !== '')
    .join(', ')
    .concat('.');
}

const logoutsOf = (count: number) =>
  count > 0 ? ` ${count} tokens that were blacklisted there are refused here.` : '';

const REASONS: Readonly<Record<Fault['code'], string>> = {
  invalid_id: 'the id is no positive integer; tokens carry it',
  missing_email: 'people log in with their e-mail address here',
  invalid_email: 'not an address that can be registered here',
  duplicate_email: 'another row has the same address, perhaps in another spelling',
  duplicate_id: 'another row has the same id',
  invalid_time: 'a time that is not ISO 8601',
  invalid_state: 'is_active is neither true nor false',
  id_taken: 'an account here has this id and another address',
  email_taken: 'an account here has this address and another id',
  password_unknown_format: 'a password format that is not known here',
  password_damaged: 'the stored password cannot be read',
  password_too_costly: 'comparing with it would cost too much; see docs/from-django.md',
};
