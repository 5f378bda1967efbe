import { type Command, InvalidArgumentError, Option } from 'commander';
import { type AuditEvent, EVENTS, type EventName } from '../audit/event.ts';
import type { Users } from '../users/users.ts';
import { findUser } from './accounts.ts';
import { follow } from './audit-follow.ts';
import { rowOf, viewOf } from './audit-view.ts';
import type { Context } from './context.ts';
import { momentOf } from './moment.ts';

type Options = {
  readonly user?: string;
  readonly event?: EventName;
  readonly since?: number;
  readonly until?: number;
  readonly limit?: number;
  readonly follow?: boolean;
  readonly json?: boolean;
};

const MAX_LIMIT = 100_000;
const LISTED = 100;
const FOLLOWED = 10;

export function fillAudit(audit: Command, context: Context): void {
  const { clock, interrupt, print, withAccounts } = context;
  audit.addHelpText('after', EXAMPLES);
  const moment = (text: string) => momentOf(text, clock.now());
  audit
    .command('list')
    .description('list events, one per line, the newest first; with --follow the newest last')
    .option('--user <user>', 'of one account, by its address or id; of a deleted one by its id')
    .addOption(new Option('--event <name>', 'of one kind').choices(EVENTS))
    .option(
      '--since <time>',
      'only from this time on: 30m, 24h, 7d (ago) or an ISO 8601 time, in UTC',
      moment,
    )
    .option('--until <time>', 'only before this time, in the same forms', moment)
    .option('--limit <number>', `at most this many, up to ${MAX_LIMIT} (default: ${LISTED})`, limit)
    .addOption(
      new Option('--follow', `show the last ${FOLLOWED}, then each as it happens`).conflicts(
        'until',
      ),
    )
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action(({ user, json, follow: isFollowing, limit, ...range }: Options) =>
      withAccounts(async ({ users, audit }) => {
        const userId = user === undefined ? undefined : await idOf(users, user);
        const show = (event: AuditEvent) => print(viewOf(event), rowOf(event), json);
        const filter = { ...range, userId, limit: limit ?? (isFollowing ? FOLLOWED : LISTED) };
        if (isFollowing) return follow(audit, filter, show, interrupt);
        for (const each of await audit.list(filter)) show(each);
      }),
    );
}

const EXAMPLES = `
Examples:
  $ gatepass audit list --user alice@example.com --since 24h
  $ gatepass audit list --since 2026-01-31T12:00 --until 2026-01-31T13:00
  $ gatepass audit list --event login.fail --json | jq .address
  $ gatepass audit list --follow`;

// Events outlive their account; an id still finds them.
const idOf = async (users: Users, user: string): Promise<number> =>
  /^\d{1,15}$/.test(user) ? Number(user) : (await findUser(users, user)).id;

function limit(text: string): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > MAX_LIMIT)
    throw new InvalidArgumentError(`It must be a number from 1 to ${MAX_LIMIT}.`);
  return value;
}
