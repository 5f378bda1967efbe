import type { Command } from 'commander';
import { OPERATOR } from '../audit/event.ts';
import { view } from '../sessions/list.ts';
import type { DeviceSession } from '../sessions/session.ts';
import type { User } from '../users/user.ts';
import { findUser } from './accounts.ts';
import type { Context } from './context.ts';
import { counted } from './counted.ts';
import { CliError, EXIT } from './failure.ts';
import { forEach } from './for-each.ts';

type Output = { json?: boolean };

const PAGE = 500;

export function fillSession(session: Command, context: Context): void {
  const { print, withAccounts } = context;
  session.addHelpText(
    'after',
    `
Examples:
  $ gatepass session list alice@example.com
  $ gatepass session end alice@example.com 17 --all`,
  );

  session
    .command('list <user...>')
    .description('list open sessions, one per line, the most recently used first')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  $ gatepass session list alice@example.com 17')
    .action((names: string[], { json }: Output) =>
      withAccounts(({ users, sessions }) =>
        forEach(context, names, async (name) => {
          const user = await findUser(users, name);
          let last: DeviceSession | undefined;
          do {
            const page = await sessions.listOpen(user.id, PAGE, last);
            for (const open of page) print(viewOf(open), row(open), json);
            last = page[PAGE - 1];
          } while (last);
        }),
      ),
    );

  session
    .command('end <user> [more...]')
    .description(
      'end sessions of one account by their ids, or with --all every session of one or more accounts',
    )
    .option('--all', 'end every session of each account')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ gatepass session end alice@example.com kT3u0Yk5cW1mZJ8d2vQ4xg
  $ gatepass session end alice@example.com 17 --all`,
    )
    .action((name: string, more: string[], { all, json }: Output & { all?: boolean }) =>
      withAccounts(async ({ users, sessions }) => {
        const report = (ended: number, { email }: User) =>
          print({ ended }, `Ended ${counted(ended, 'session')} of ${email}.`, json);
        if (all)
          return forEach(context, [name, ...more], async (each) => {
            const user = await findUser(users, each);
            report(await sessions.endAll(user.id, 'ended_by_operator', OPERATOR), user);
          });
        if (more.length === 0) throw new CliError(EXIT.usage, 'Name one session, or use --all.');
        const user = await findUser(users, name);
        return forEach(context, more, async (id) => {
          const isEnded = await sessions.endOne(user.id, id, 'ended_by_operator', OPERATOR);
          if (!isEnded) throw noSession(user, id);
          report(1, user);
        });
      }),
    );
}

const noSession = ({ email }: User, id: string) =>
  new CliError(
    EXIT.notFound,
    `${email} has no open session ${JSON.stringify(id)}. "gatepass session list ${email}" shows all.`,
  );

const viewOf = (session: DeviceSession) => {
  const { current: _, ...rest } = view(session);
  return rest;
};

const row = (session: DeviceSession) => {
  const { id, created_at, last_used_at, address, user_agent } = view(session);
  const since = `since ${created_at.slice(0, 16)}`;
  return [id, since, `used ${last_used_at.slice(0, 16)}`, address, user_agent].join('  ');
};
