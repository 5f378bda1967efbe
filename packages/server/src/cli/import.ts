import { type Command, InvalidArgumentError } from 'commander';
import { OPERATOR } from '../audit/event.ts';
import { claimNameFault } from '../config/claim-names.ts';
import { readConfig } from '../config/config.ts';
import { parseDatabaseUrl } from '../config/database-url.ts';
import type { ClaimColumn } from '../import/claim-columns.ts';
import { refuseHighFloor } from '../import/given-ids.ts';
import type { Plan } from '../import/plan.ts';
import type { Contents } from '../import/source.ts';
import type { Context } from './context.ts';
import { CliError, EXIT } from './failure.ts';
import { hintOf, linesOf, refusalOf, summaryOf, textOf } from './import-report.ts';
import { createProgress } from './progress.ts';

type Options = {
  usernameColumn?: string;
  claimsColumns?: readonly ClaimColumn[];
  dryRun?: boolean;
  skipFaulty?: boolean;
  idsAbove?: number;
  json?: boolean;
};
type DjangoOptions = Options & {
  from?: string;
  fromJson?: string;
  table?: string;
  idColumn?: string;
  emailColumn: string;
};

/** A source that is open as long as `work` reads it. */
type Source = <T>(work: (contents: Contents) => Promise<T>) => Promise<T>;

export function fillImport(group: Command, context: Context): void {
  group.addHelpText(
    'after',
    `
No user has to set a new password: hashes are kept as they are and become Argon2id at the next login.
An import that has been done changes nothing when it is done again.

Examples:
  $ gatepass import django --from sqlite:db.sqlite3 --dry-run
  $ gatepass import django --from postgres://django@db.example.com/app --table accounts_user
  $ gatepass import django --from-json dump.json.gz --skip-faulty
  $ gatepass import csv users.csv --ids-above 20417

The whole move: docs/from-django.md`,
  );
  const command = (usage: string, description: string) =>
    group
      .command(usage)
      .description(description)
      .option('--dry-run', 'print what would be done; change nothing')
      .option('--skip-faulty', 'leave out the rows that cannot be accounts instead of refusing all')
      .option(
        '--ids-above <number>',
        'the highest id that the source ever assigned, if it does not record that',
        parseId,
      )
      .option(
        '--username-column <name>',
        'the column with the usernames (default: none are imported)',
      )
      .option(
        '--claims-columns <names>',
        'columns that become claims, such as is_staff,groups,role=user_role',
        (text: string) => claimColumnsIn(text, readConfig(context.env).userIdClaim),
      )
      .option('--json', 'print JSON');

  command('django', "Django's users, their authenticator apps, and what SimpleJWT has blacklisted")
    .option('--from <url>', 'sqlite:PATH or postgres://…, which is only read')
    .option(
      '--from-json <file>',
      'the output of "manage.py dumpdata", in any format, compressed or not',
    )
    .option(
      '--table <name>',
      'the users: TABLE, SCHEMA.TABLE or APP.Model (default: the one that fits)',
    )
    .option(
      '--id-column <name>',
      'the column with the ids (default: id; in a dump, the primary key)',
    )
    .option('--email-column <name>', 'the column with the e-mail addresses', 'email')
    .addHelpText(
      'after',
      `
Examples:
  $ gatepass import django --from sqlite:db.sqlite3 --dry-run
  $ gatepass import django --from-json dump.json.gz --table accounts.User --skip-faulty`,
    )
    .action((options: DjangoOptions) => run(context, djangoSource(context, options), options));

  command('csv <file>', 'a file with the columns email, password_hash and perhaps others')
    .addHelpText(
      'after',
      `
The first line names the columns: email and password_hash, optionally id, is_active, created_at,
last_login_at. Times are ISO 8601. Hashes: PHC strings of Argon2 and scrypt, bcrypt ($2a$, $2b$,
$2y$), and Django's.

Examples:
  $ gatepass import csv users.csv --dry-run
  $ gatepass import csv users.csv --ids-above 20417`,
    )
    .action((file: string, options: Options) => run(context, csvSource(file, options), options));
}

function parseId(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be an integer of at most 15 digits.');
}

function claimColumnsIn(text: string, userIdClaim: string): ClaimColumn[] {
  return text.split(',').map((entry) => {
    const [column = '', claim = column] = entry.trim().split('=');
    const fault = claimNameFault(claim, userIdClaim);
    if (column === '' || fault)
      throw new InvalidArgumentError(
        fault === 'reserved'
          ? `${claim} is reserved: rename it with ${column}=NAME.`
          : 'It must be like is_staff,groups,role=user_role.',
      );
    return { column, claim };
  });
}

const csvSource =
  (file: string, { usernameColumn: username, claimsColumns: claims }: Options): Source =>
  async (work) => {
    const { readCsv } = await import('../import/csv-source.ts');
    return work(readCsv(file, { username, claims }));
  };

const djangoSource =
  ({ clock, env }: Context, options: DjangoOptions): Source =>
  async (work) => {
    const { userIdClaim } = readConfig(env);
    const { from, fromJson, table, idColumn: id, emailColumn: email } = options;
    const { usernameColumn: username, claimsColumns: claims } = options;
    const columns = { table, id, email, username, claims, userIdClaim };
    if ((from === undefined) === (fromJson === undefined))
      throw new CliError(
        EXIT.usage,
        'Give --from with a URL or --from-json with a file, not both.',
      );
    if (fromJson !== undefined) {
      const { readDjangoDump } = await import('../import/django-dump.ts');
      return work(await readDjangoDump(fromJson, columns));
    }
    const { readDjango } = await import('../import/django-tables.ts');
    const database = await openSource(from ?? '');
    try {
      return await work(await readDjango(database, columns, clock.now()));
    } finally {
      await database.close();
    }
  };

async function openSource(url: string) {
  const address = parseDatabaseUrl(url);
  if ('fault' in address) throw new CliError(EXIT.usage, `--from ${address.fault}.`);
  if (address.engine === 'sqlite') {
    const { openSqliteSource } = await import('../import/sqlite-source.ts');
    return openSqliteSource(address.path);
  }
  const { openPostgresSource } = await import('../import/postgres-source.ts');
  return openPostgresSource(address);
}

async function run(context: Context, source: Source, options: Options): Promise<void> {
  const { dryRun = false, skipFaulty = false, idsAbove, json } = options;
  const { print, withAccounts, rehearse, interrupt } = context;
  async function* interruptible<T>(rows: AsyncIterable<T>) {
    for await (const each of rows) {
      interrupt?.throwIfAborted();
      yield each;
    }
  }
  const { plan, to } = await rehearse(async ({ importer }, to) => ({
    plan: await source((contents) =>
      importer.plan({ ...contents, candidates: interruptible(contents.candidates) }, idsAbove),
    ),
    to,
  }));
  complain(context, linesOf(plan.faults));
  complain(context, hintOf(plan, to));
  const isAsked = readConfig(context.env).mfa !== 'off';
  const isRefused = plan.faults.length > 0 && !skipFaulty;
  if (!isRefused) refuseHighFloor(plan.idFloor);
  if (dryRun || isRefused || isEmpty(plan)) {
    if (json || !(isRefused || isEmpty(plan)))
      print(summaryOf(plan, to, NOTHING), textOf(plan, to, isAsked), json);
    if (isRefused) throw new CliError(EXIT.refused, refusalOf(plan, dryRun));
    if (isEmpty(plan)) throw emptyError(plan);
    return;
  }
  const progress = createProgress(context);
  const show = (rows: number) => progress('importing', rows, plan.arrivals.length);
  const done = await withAccounts(({ importer }) => importer.carryOut(plan, OPERATOR, show));
  print(summaryOf(plan, to, done), textOf(plan, to, isAsked, done), json);
}

const NOTHING = { accounts: 0, apps: 0, codes: 0, logouts: 0 };

/** Neither new accounts nor known ones: most likely not the source that was meant. */
const isEmpty = ({ arrivals, present }: Plan) => arrivals.length + present === 0;

const emptyError = ({ table, source, rows }: Plan) =>
  rows === 0
    ? new CliError(
        EXIT.notFound,
        `${table} in ${source} has no rows, so there is nothing to import.`,
      )
    : new CliError(
        EXIT.refused,
        `No row of ${table} can be an account, so there is nothing to import.`,
      );

function complain({ stderr }: Context, text: string): void {
  if (text !== '') stderr.write(`${text}\n`);
}
