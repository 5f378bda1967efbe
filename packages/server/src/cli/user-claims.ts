import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { OPERATOR } from '../audit/event.ts';
import type { CustomClaims } from '../users/custom-claims.ts';
import { findUser } from './accounts.ts';
import type { Context } from './context.ts';
import { CliError, EXIT } from './failure.ts';

type Options = { merge?: boolean; remove?: string[]; json?: boolean };
type Change = (present: CustomClaims) => unknown;

/** `user set-claims`: claims of an account that its access tokens carry beside the standard ones. */
export function addSetClaims(user: Command, context: Context): void {
  user
    .command('set-claims <user> [claims]')
    .description('set the claims of an account; older access tokens become void')
    .option('--merge', 'change only the named claims; null removes one')
    .option(
      '--remove <name>',
      'remove a claim; may be given again',
      (name: string, all: string[] = []) => [...all, name],
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
The claims are a JSON object; without an argument, or with "-", it is read from standard input. Sessions
continue: the next refresh has the new claims.

Examples:
  $ gatepass user set-claims alice@example.com '{"role":"admin"}'
  $ gatepass user set-claims 17 --merge '{"plan":"pro","trial":null}'
  $ gatepass user set-claims alice@example.com --remove role
  $ gatepass user set-claims alice@example.com '{}'`,
    )
    .action(async (account: string, claims: string | undefined, options: Options) => {
      const change = await changeOf(context, claims, options);
      await context.withAccounts(async ({ users }) => {
        const found = await findUser(users, account);
        const set = await users.setClaims(found, change, OPERATOR);
        if (set === 'gone') throw new CliError(EXIT.notFound, `${found.email} was deleted.`);
        if (!set.ok) throw new CliError(EXIT.refused, set.fault);
        const { publicId: id, email } = found;
        const said = set.isChanged
          ? `Changed the claims of ${email}:`
          : `Nothing to change for ${email}:`;
        const printed = JSON.stringify(set.claims);
        context.print({ id, email, claims: set.claims }, `${said} ${printed}`, options.json);
      });
    });
}

async function changeOf(
  context: Context,
  given: string | undefined,
  options: Options,
): Promise<Change> {
  const { merge = false, remove = [] } = options;
  if (given === undefined && remove.length > 0) return (present) => without(present, remove);
  const value = parse(given === undefined || given === '-' ? await readAll(context) : given);
  return (present) => {
    const next = merge ? merged(present, value) : value;
    return isObject(next) ? without(next, remove) : next;
  };
}

async function readAll({ stdin }: Context): Promise<string> {
  if (stdin.isTTY)
    throw new CliError(EXIT.usage, 'Give the claims as JSON, such as \'{"role":"admin"}\'.');
  return text(stdin);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new CliError(
      EXIT.usage,
      'The claims are not a JSON object, such as \'{"role":"admin"}\'.',
    );
  }
}

const isObject = (value: unknown): value is CustomClaims =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const merged = (present: CustomClaims, patch: unknown): unknown =>
  isObject(patch)
    ? Object.fromEntries(
        Object.entries({ ...present, ...patch }).filter(
          ([name, value]) => !(value === null && Object.hasOwn(patch, name)),
        ),
      )
    : patch;

const without = (claims: CustomClaims, names: readonly string[]): CustomClaims =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name)));
