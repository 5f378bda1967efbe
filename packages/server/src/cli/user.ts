import type { Command } from 'commander';
import { OPERATOR } from '../audit/event.ts';
import type { FieldFaults } from '../errors.ts';
import { say } from '../http/response/messages.ts';
import type { User } from '../users/user.ts';
import type { Users } from '../users/users.ts';
import type { Context } from './context.ts';
import { CliError, EXIT } from './failure.ts';
import { readPassword } from './password-input.ts';

const PAGE_SIZE = 500;

type Output = { json?: boolean };

export function addUserCommands(program: Command, context: Context): void {
  const { print, withAccounts } = context;
  const user = program
    .command('user')
    .description('Manage accounts, beside a running server or without one')
    .addHelpText(
      'after',
      `
Passwords are asked for at a prompt, or read from standard input; never from the command line.

Examples:
  $ gatepass user create alice@example.com
  $ printf %s "$PASSWORD" | gatepass user create alice@example.com
  $ gatepass user list --json | jq .email
  $ gatepass user disable alice@example.com
  $ gatepass user unlock alice@example.com bob@example.com`,
    );
  const command = (name: string, description: string) =>
    user.command(name).description(description).option('--json', 'print JSON');

  command('create <email>', 'create an account').action((email: string, { json }: Output) =>
    withAccounts(async ({ users }) => {
      const result = await users.register(email, await readPassword(context), OPERATOR);
      if (!result.ok) throw refused(result.faults);
      print(view(result.user), `Created user ${result.user.id}, ${result.user.email}.`, json);
    }),
  );
  command('list', 'list all accounts, one a line').action(({ json }: Output) =>
    withAccounts(({ users }) => list(users, context, json)),
  );
  command('show <email>', 'show one account').action((email: string, { json }: Output) =>
    withAccounts(async ({ users }) => {
      const found = await findUser(users, email);
      print(view(found), row(found), json);
    }),
  );
  command('disable <email>', 'refuse logins and end access at once').action(
    setActive(context, false),
  );
  command('enable <email>', 'allow logins again').action(setActive(context, true));
  command('unlock <email...>', 'clear what limits count against accounts').action(
    (emails: string[], { json }: Output) =>
      withAccounts(async ({ users }) => {
        const found: User[] = [];
        for (const email of emails) found.push(await findUser(users, email));
        for (const each of found) {
          await users.unlock(each, OPERATOR);
          print(view(each), `Unlocked ${each.email}.`, json);
        }
      }),
  );
  command('delete <email>', 'delete an account for good').action(
    (email: string, { json }: Output) =>
      withAccounts(async ({ users }) => {
        const found = await findUser(users, email);
        await users.remove(found, OPERATOR);
        print(view(found), `Deleted user ${found.id}, ${found.email}.`, json);
      }),
  );
  command('set-password <email>', 'set a new password; tokens issued before become void').action(
    (email: string, { json }: Output) =>
      withAccounts(async ({ users }) => {
        const found = await findUser(users, email);
        const result = await users.setPassword(found, await readPassword(context), OPERATOR);
        if (result === 'wrong_password') throw notFound(email);
        if (!result.ok) throw refused(result.faults);
        print(view(found), `Changed the password of ${found.email}.`, json);
      }),
  );
}

const setActive =
  ({ print, withAccounts }: Context, isActive: boolean) =>
  (email: string, { json }: Output) =>
    withAccounts(async ({ users }) => {
      const found = await findUser(users, email);
      await (isActive ? users.enable(found, OPERATOR) : users.disable(found, OPERATOR));
      const verb = isActive ? 'Enabled' : 'Disabled';
      print(view({ ...found, isActive }), `${verb} ${found.email}.`, json);
    });

async function list(users: Users, { print }: Context, json: boolean | undefined): Promise<void> {
  let after = 0;
  for (;;) {
    const page = await users.list(after, PAGE_SIZE);
    for (const user of page) print(view(user), row(user), json);
    const last = page.at(-1);
    if (!last || page.length < PAGE_SIZE) return;
    after = last.id;
  }
}

/** @throws {CliError} when no account has the address */
export async function findUser(users: Users, email: string): Promise<User> {
  const user = await users.findByEmail(email);
  if (!user) throw notFound(email);
  return user;
}

const notFound = (email: string) =>
  new CliError(
    EXIT.notFound,
    `No user has the address ${JSON.stringify(email)}. "gatepass user list" shows all.`,
  );

const refused = (faults: FieldFaults) =>
  new CliError(
    EXIT.refused,
    Object.entries(faults)
      .flatMap(([field, all]) => all.map((f) => `${field}: ${say('en', f.code, f.params)}`))
      .join('\n'),
  );

const time = (epochMs: number | undefined) =>
  epochMs === undefined ? null : new Date(epochMs).toISOString();

const view = (user: User) => ({
  id: user.id,
  email: user.email,
  is_active: user.isActive,
  created_at: time(user.createdAt),
  last_login_at: time(user.lastLoginAt),
});

const row = (user: User) =>
  [
    String(user.id).padStart(6),
    user.isActive ? 'active  ' : 'disabled',
    `since ${time(user.createdAt)?.slice(0, 10)}`,
    `last login ${time(user.lastLoginAt)?.slice(0, 16) ?? 'never'.padEnd(16)}`,
    user.email,
  ].join('  ');
