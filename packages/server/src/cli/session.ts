import type { Command } from 'commander';
import { OPERATOR } from '../audit/event.ts';
import { view } from '../sessions/list.ts';
import type { DeviceSession } from '../sessions/session.ts';
import type { Context } from './context.ts';
import { CliError, EXIT } from './failure.ts';
import { findUser } from './user.ts';

type Output = { json?: boolean };

const PAGE = 500;

export function addSessionCommands(program: Command, { print, withAccounts }: Context): void {
  const session = program
    .command('session')
    .description('See and end the sessions of an account; running servers follow within a second')
    .addHelpText(
      'after',
      `
Examples:
  $ gatepass session list alice@example.com
  $ gatepass session end alice@example.com kT3u0Yk5cW1mZJ8d2vQ4xg
  $ gatepass session end alice@example.com --all`,
    );

  session
    .command('list <email>')
    .description('list open sessions, one a line, the most recently used first')
    .option('--json', 'print JSON')
    .action((email: string, { json }: Output) =>
      withAccounts(async ({ users, sessions }) => {
        const user = await findUser(users, email);
        let last: DeviceSession | undefined;
        do {
          const page = await sessions.listOpen(user.id, PAGE, last);
          for (const open of page) print(viewOf(open), row(open), json);
          last = page[PAGE - 1];
        } while (last);
      }),
    );

  session
    .command('end <email> [id]')
    .description('end one session, or all of them')
    .option('--all', 'end every session of the account')
    .option('--json', 'print JSON')
    .action((email: string, id: string | undefined, { all, json }: Output & { all?: boolean }) =>
      withAccounts(async ({ users, sessions }) => {
        if ((id === undefined) !== (all === true))
          throw new CliError(EXIT.usage, 'Name one session, or say --all.');
        const user = await findUser(users, email);
        const ended =
          id === undefined
            ? await sessions.endAll(user.id, 'ended_by_operator', OPERATOR)
            : Number(await sessions.endOne(user.id, id, 'ended_by_operator', OPERATOR));
        if (id !== undefined && ended === 0)
          throw new CliError(
            EXIT.notFound,
            `${user.email} has no open session ${JSON.stringify(id)}. "gatepass session list ${user.email}" shows all.`,
          );
        print({ ended }, `Ended ${ended} session${ended === 1 ? '' : 's'} of ${user.email}.`, json);
      }),
    );
}

const viewOf = (session: DeviceSession) => {
  const { current: _, ...rest } = view(session);
  return rest;
};

const row = (session: DeviceSession) => {
  const { id, created_at, last_used_at, address, user_agent } = view(session);
  const since = `since ${created_at.slice(0, 16)}`;
  return [id, since, `used ${last_used_at.slice(0, 16)}`, address, user_agent].join('  ');
};
