import type { Command } from 'commander';
import { OPERATOR } from '../audit/event.ts';
import { findUser, refused, view } from './accounts.ts';
import type { Context } from './context.ts';
import { CliError, EXIT } from './failure.ts';

type Options = { remove?: boolean; json?: boolean };

/** `user set-username`: a second name to log in with. */
export function addSetUsername(user: Command, { print, withAccounts }: Context): void {
  user
    .command('set-username <user> [username]')
    .description('give an account a username to log in with, if GATEPASS_LOGIN_FIELDS allows it')
    .option('--remove', 'remove its username')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ gatepass user set-username alice@example.com alice
  $ gatepass user set-username 17 --remove`,
    )
    .action((account: string, username: string | undefined, { remove, json }: Options) =>
      withAccounts(async ({ users }) => {
        if ((username === undefined) !== (remove === true))
          throw new CliError(EXIT.usage, 'Give a username, or use --remove.');
        const found = await findUser(users, account);
        const result = await users.setUsername(found, username, OPERATOR);
        if (!result.ok) throw refused(result.faults);
        const { email, username: name } = result.user;
        const text = name === undefined ? `${email} has no username.` : `${email} is ${name}.`;
        print(view(result.user), text, json);
      }),
    );
}
