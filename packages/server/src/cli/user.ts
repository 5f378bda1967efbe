import type { Command } from 'commander';
import { OPERATOR } from '../audit/event.ts';
import type { Services } from '../services.ts';
import type { User } from '../users/user.ts';
import { findUser, notFound, refused, row, view } from './accounts.ts';
import type { Context } from './context.ts';
import { forEach } from './for-each.ts';
import { passwordsFor } from './password-input.ts';
import { addSetAdmin } from './user-admin.ts';
import { addSetClaims } from './user-claims.ts';
import { addFactorCommands } from './user-factors.ts';
import { addUserList } from './user-list.ts';
import { addResetLink } from './user-reset-link.ts';
import { addSetUsername } from './user-username.ts';

type Output = { json?: boolean };

export function fillUser(user: Command, context: Context): void {
  const { print, withAccounts } = context;
  user.addHelpText(
    'after',
    `
Name an account by its address, its username or its id; most commands take several. A failure for
one account is reported and does not stop the others; the exit code is that of the first failure.

Passwords are read at a prompt or from standard input, never from the command line.

Examples:
  $ gatepass user create alice@example.com
  $ gatepass user list --search @example.com
  $ gatepass user disable alice@example.com 17 bob@example.com`,
  );
  const command = (usage: string, description: string, ...examples: string[]) =>
    user
      .command(usage)
      .description(description)
      .option('--json', 'print JSON')
      .addHelpText('after', `\nExamples:\n${examples.map((line) => `  $ ${line}`).join('\n')}`);
  /** A command that does the same to each account named. */
  const ofEach =
    (work: (services: Services, found: User, json: boolean | undefined) => Promise<void>) =>
    (names: string[], { json }: Output) =>
      withAccounts((services) =>
        forEach(context, names, async (name) =>
          work(services, await findUser(services.users, name), json),
        ),
      );

  command(
    'create <email...>',
    'create accounts; for several, standard input has one password per line',
    'gatepass user create alice@example.com',
    'printf %s "$PASSWORD" | gatepass user create alice@example.com --json',
  ).action((emails: string[], { json }: Output) =>
    withAccounts(({ users }) => {
      const passwordOf = passwordsFor(context, emails);
      return forEach(context, emails, async (email, index) => {
        const result = await users.register(email, await passwordOf(index), OPERATOR);
        if (!result.ok) throw refused(result.faults);
        print(
          view(result.user),
          `Created user ${result.user.publicId}, ${result.user.email}.`,
          json,
        );
      });
    }),
  );
  addUserList(user, context);
  command(
    'show <user...>',
    'show accounts',
    'gatepass user show alice@example.com 17 --json',
  ).action(ofEach(async (_, found, json) => print(view(found), row(found), json)));
  command(
    'disable <user...>',
    'refuse logins and end all sessions at once',
    'gatepass user disable alice@example.com 17',
  ).action(
    ofEach(async ({ users }, found, json) => {
      if (found.isActive) await users.disable(found, OPERATOR);
      const verb = found.isActive ? 'Disabled' : 'Already disabled:';
      print(view({ ...found, isActive: false }), `${verb} ${found.email}.`, json);
    }),
  );
  command(
    'enable <user...>',
    'allow logins again, and clear the counts of the limits',
    'gatepass user enable alice@example.com 17',
  ).action(
    ofEach(async ({ users }, found, json) => {
      await users.enable(found, OPERATOR);
      print(view({ ...found, isActive: true }), `Enabled ${found.email}.`, json);
    }),
  );
  command(
    'unlock <user...>',
    'clear the counts of the limits against accounts',
    'gatepass user unlock alice@example.com 17',
  ).action(
    ofEach(async ({ users }, found, json) => {
      await users.unlock(found, OPERATOR);
      print(view(found), `Unlocked ${found.email}.`, json);
    }),
  );
  command(
    'delete <user...>',
    'delete accounts for good, without asking',
    'gatepass user delete alice@example.com 17',
  ).action(
    ofEach(async ({ users }, found, json) => {
      await users.remove(found, OPERATOR);
      print(view(found), `Deleted user ${found.publicId}, ${found.email}.`, json);
    }),
  );
  addSetClaims(user, context);
  addSetUsername(user, context);
  addSetAdmin(user, context);
  addFactorCommands(user, context);
  addResetLink(user, context);
  command(
    'set-password <user...>',
    'set a new password; tokens issued earlier become void',
    'gatepass user set-password alice@example.com',
    'printf %s "$PASSWORD" | gatepass user set-password 17',
  ).action((names: string[], { json }: Output) =>
    withAccounts(({ users }) => {
      const passwordOf = passwordsFor(context, names);
      return forEach(context, names, async (name, index) => {
        const found = await findUser(users, name);
        const result = await users.setPassword(found, await passwordOf(index), OPERATOR);
        if (result === 'wrong_password') throw notFound(name);
        if (!result.ok) throw refused(result.faults);
        print(view(found), `Changed the password of ${found.email}.`, json);
      });
    }),
  );
  command(
    'set-email <user> <email>',
    'change the address at once; sessions continue, mailed links become void',
    'gatepass user set-email alice@example.com alice@example.org',
  ).action((name: string, email: string, { json }: Output) =>
    withAccounts(async ({ users }) => {
      const found = await findUser(users, name);
      const result = await users.setEmail(found, email, OPERATOR);
      if (!result.ok) throw refused(result.faults);
      const text = `Changed the address of user ${found.publicId} from ${found.email} to ${result.user.email}.`;
      print(view(result.user), text, json);
    }),
  );
}
