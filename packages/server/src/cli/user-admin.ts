import type { Command } from 'commander';
import { OPERATOR } from '../audit/event.ts';
import { findUser, view } from './accounts.ts';
import type { Context } from './context.ts';
import { forEach } from './for-each.ts';

type Options = { remove?: boolean; json?: boolean };

/** `user set-admin`: allows logins at the admin listener, or ends that. */
export function addSetAdmin(user: Command, context: Context): void {
  const { print, withAccounts } = context;
  user
    .command('set-admin <user...>')
    .description(
      'make accounts administrators, or revoke that; the last administrator cannot be removed',
    )
    .option('--remove', 'revoke administration; logins at the admin listener end at once')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ gatepass user set-admin alice@example.com
  $ gatepass user set-admin 17 --remove`,
    )
    .action((names: string[], { remove = false, json }: Options) =>
      withAccounts(({ users }) =>
        forEach(context, names, async (name) => {
          const found = await findUser(users, name);
          await users.setAdmin(found, !remove, OPERATOR);
          const text = `${found.email} ${remove ? 'is no longer' : 'is'} an administrator.`;
          print(view({ ...found, isAdmin: !remove }), text, json);
        }),
      ),
    );
}
