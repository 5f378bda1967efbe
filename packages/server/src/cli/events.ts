import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { isDatabaseUnavailable } from '../database/faults.ts';
import { EVENT_TYPES, type Event, type EventType, readTypes } from '../events/event.ts';
import type { EventPage, Events } from '../events/events.ts';
import type { Context } from './context.ts';
import { counted } from './counted.ts';
import { CliError, EXIT } from './failure.ts';

type Options = {
  readonly after?: number;
  readonly types?: readonly EventType[];
  readonly json?: boolean;
};

const EVERY_MS = 500;

type Following = Pick<Context, 'stdout' | 'stderr' | 'interrupt' | 'print'>;

export function fillEvents(events: Command, context: Context): void {
  events.addHelpText('after', EXAMPLES);
  events
    .command('follow')
    .description('print what happens to accounts and sessions, one event per line, until Ctrl+C')
    .option(
      '--after <seq>',
      'start after this event; 0 = with the oldest (default: only new ones)',
      seqOf,
    )
    .option('--types <types>', `only these types, of ${EVENT_TYPES.join(', ')}`, typesOf)
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action((options: Options) =>
      context.withAccounts(({ events }) => follow(context, events, options)),
    );
}

const EXAMPLES = `
Examples:
  $ gatepass events follow
  $ gatepass events follow --types user.created,user.deleted
  $ gatepass events follow --after 812 --json | jq -c '[.seq, .type, .user_id]'

It reads the database, so it needs no key and continues when the server or the database restarts.`;

/** Never ends by itself; waits while the database is down. */
export async function follow(
  context: Following,
  events: Pick<Events, 'page' | 'newest'>,
  options: Options,
  everyMs = EVERY_MS,
): Promise<never> {
  const { stdout, stderr, interrupt } = context;
  const { types, json } = options;
  let position = options.after ?? (await events.newest());
  let isOut = false;
  for (;;) {
    const page = await events.page({ after: position, types }).catch((error: unknown) => {
      if (!isDatabaseUnavailable(error)) throw error;
      if (!isOut) stderr.write('The database cannot be reached. Retrying.\n');
      isOut = true;
    });
    if (page) {
      isOut = false;
      const { events: found, next, newest } = readable(page);
      for (const event of found) context.print(event, rowOf(event), json);
      position = next;
      // Waits for a slow reader instead of buffering its output.
      if (stdout.writableNeedDrain) await once(stdout, 'drain', { signal: interrupt });
      if (next < newest) continue;
    }
    await sleep(everyMs, undefined, { signal: interrupt });
  }
}

function readable(page: EventPage): Extract<EventPage, { state: 'read' }> {
  if (page.state === 'read') return page;
  throw new CliError(
    EXIT.failed,
    `The events after this number are no longer kept; the oldest is ${page.oldest}. Begin with --after ${page.oldest - 1}, or without --after.`,
  );
}

function seqOf(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('It must be a number of 0 or more.');
  return value;
}

function typesOf(text: string): readonly EventType[] {
  const types = readTypes(text.split(',').map((each) => each.trim()));
  if (!types) throw new InvalidArgumentError(`They are ${EVENT_TYPES.join(', ')}.`);
  return types;
}

const COUNTED: Partial<Readonly<Record<EventType, string>>> = {
  'users.imported': 'account',
  'database.restored': 'session',
};

/** For people. */
const rowOf = ({ seq, at, type, user_id, actor, reason, count }: Event) =>
  [
    String(seq).padStart(6),
    at,
    type.padEnd(22),
    `user ${user_id ?? '-'}`,
    actor,
    reason ?? '',
    count === undefined ? '' : counted(count, COUNTED[type] ?? 'time'),
  ]
    .filter((part) => part !== '')
    .join('  ');
