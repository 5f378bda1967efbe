import { type Command, InvalidArgumentError, Option } from 'commander';
import { type AuditEvent, EVENTS, type EventName } from '../audit/event.ts';
import type { Users } from '../users/users.ts';
import { findUser } from './accounts.ts';
import type { Context } from './context.ts';

type Options = {
  user?: string;
  event?: EventName;
  since?: number;
  limit: number;
  json?: boolean;
};

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const MAX_LIMIT = 100_000;

export function addAuditCommands(program: Command, { clock, print, withAccounts }: Context): void {
  const audit = program
    .command('audit')
    .description('See who did what to which account, and from where')
    .addHelpText(
      'after',
      `
Examples:
  $ gatepass audit list --user alice@example.com --since 24h
  $ gatepass audit list --event login.fail --json | jq .address
  $ gatepass audit list --user 17 --since 2026-01-31`,
    );
  audit
    .command('list')
    .description('list events, one a line, the newest first')
    .option('--user <email|id>', 'of one account; of a deleted one by its id')
    .addOption(new Option('--event <name>', 'of one kind').choices(EVENTS))
    .option('--since <time>', 'from then on: 30m, 24h, 7d or an ISO 8601 time', (text) =>
      since(text, clock.now()),
    )
    .option('--limit <number>', `at most so many, up to ${MAX_LIMIT}`, limit, 100)
    .option('--json', 'print JSON')
    .action(({ user, event, since, limit, json }: Options) =>
      withAccounts(async ({ users, audit }) => {
        const userId = user === undefined ? undefined : await idOf(users, user);
        const events = await audit.list({
          limit,
          ...(userId !== undefined && { userId }),
          ...(event !== undefined && { event }),
          ...(since !== undefined && { since }),
        });
        for (const each of events) print(viewOf(each), row(each), json);
      }),
    );
}

const idOf = async (users: Users, user: string): Promise<number> =>
  /^\d{1,15}$/.test(user) ? Number(user) : (await findUser(users, user)).id;

function since(text: string, now: number): number {
  const ago = /^(\d{1,6})([mhd])$/.exec(text);
  if (ago) return now - Number(ago[1]) * UNITS[ago[2] as keyof typeof UNITS];
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new InvalidArgumentError('It must be like 24h or 2026-01-31T12:00Z.');
  return at;
}

function limit(text: string): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > MAX_LIMIT)
    throw new InvalidArgumentError(`It must be a number from 1 to ${MAX_LIMIT}.`);
  return value;
}

const viewOf = (event: AuditEvent) => ({
  id: event.id,
  at: new Date(event.at).toISOString(),
  event: event.event,
  user_id: event.publicId ?? null,
  session_id: event.sessionId ?? null,
  actor: event.actor,
  address: event.address,
  user_agent: event.userAgent,
  request_id: event.requestId,
  details: event.details,
});

// What a client chose must not steer the terminal.
const printable = (text: string) => text.replace(/[^\x20-\x7e]/g, '?');

const row = ({ at, event, publicId, actor, address, details, userAgent }: AuditEvent) =>
  [
    new Date(at).toISOString(),
    event.padEnd(15),
    `user ${publicId ?? '-'}`,
    actor,
    printable(address),
    details.reason ?? '',
    details.kid ?? '',
    details.count === undefined ? '' : `${details.count} more`,
    printable(userAgent),
  ]
    .filter((part) => part !== '')
    .join('  ');
