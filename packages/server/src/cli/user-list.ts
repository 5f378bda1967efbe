import { type Command, InvalidArgumentError, Option } from 'commander';
import { type PublicId, readPublicId } from '../config/public-id.ts';
import { STATUSES, type Status } from '../users/user.ts';
import { findUser, row, view } from './accounts.ts';
import type { Context } from './context.ts';

const PAGE_SIZE = 500;

type Options = {
  readonly search?: string | undefined;
  readonly status?: Status | undefined;
  readonly limit?: number;
  readonly after: PublicId;
  readonly json?: boolean;
};

export function addUserList(user: Command, { print, stderr, withAccounts }: Context): void {
  user
    .command('list')
    .description('list accounts, one per line, ordered by id')
    .option(
      '--search <text>',
      'only those whose address or username contains this, in upper or lower case',
    )
    .addOption(new Option('--status <status>', 'in this state only').choices(STATUSES))
    .option('--limit <number>', 'at most this many (default: all)', positive)
    .option('--after <id>', 'continue after this account', idOf, 0)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
If --limit leaves accounts out, the command for the next ones is printed on standard error.

Examples:
  $ gatepass user list --search @example.com --status disabled
  $ gatepass user list --limit 50 --after 200
  $ gatepass user list --json | jq -r .email`,
    )
    .action(({ json, after, limit = Number.POSITIVE_INFINITY, search, status }: Options) =>
      withAccounts(async ({ users }) => {
        let cursor = typeof after === 'number' ? after : (await findUser(users, after)).id;
        let left = limit;
        let shown = after;
        for (;;) {
          const size = Math.min(PAGE_SIZE, left);
          // One account more than is shown tells whether another page follows.
          const found = await users.list({ search, status, after: cursor, size: size + 1 });
          const page = found.slice(0, size);
          for (const each of page) print(view(each), row(each), json);
          const last = page.at(-1);
          if (!last || found.length <= size) return;
          cursor = last.id;
          shown = last.publicId;
          left -= size;
          if (left === 0) break;
        }
        stderr.write(`More: ${next({ search, status, limit }, shown)}\n`);
      }),
    );
}

function next({ search, status, limit }: Omit<Options, 'after'>, after: PublicId): string {
  const options = { search: search && quoted(search), status, limit, after };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return ['gatepass user list', ...given.map(([name, value]) => `--${name} ${value}`)].join(' ');
}

/** Quoted, so that a shell reads one word. */
const quoted = (text: string) =>
  /^[\w@.+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

function positive(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function idOf(text: string): PublicId {
  const id = readPublicId(text.toLowerCase());
  if (id === undefined) throw new InvalidArgumentError('It must be an id.');
  return id;
}
