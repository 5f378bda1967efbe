import type { Command } from 'commander';
import { OPERATOR } from '../audit/event.ts';
import { viewOf } from '../mfa/views.ts';
import { findUser } from './accounts.ts';
import type { Context } from './context.ts';
import { counted } from './counted.ts';
import { CliError, EXIT } from './failure.ts';
import { forEach } from './for-each.ts';

type Output = { json?: boolean };

/** `user factors` and `user remove-factor`: for an owner who has lost a phone and every recovery code. */
export function addFactorCommands(user: Command, context: Context): void {
  const { print, withAccounts } = context;
  user
    .command('factors <user...>')
    .description('list the second factors of accounts, one per line')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  $ gatepass user factors alice@example.com 17')
    .action((names: string[], { json }: Output) =>
      withAccounts(({ users, factors }) =>
        forEach(context, names, async (name) => {
          const found = await findUser(users, name);
          const { factors: listed, codesLeft } = await factors.list(found.id);
          const views = listed.map(viewOf);
          const all = { id: found.publicId, factors: views, recovery_codes_left: codesLeft };
          const lines = views.map(
            ({ id, type, name: called, created_at, last_used_at = 'never' }) =>
              [
                id,
                type,
                `since ${created_at.slice(0, 10)}`,
                `used ${last_used_at.slice(0, 16)}`,
                called,
              ].join('  '),
          );
          const none = `${found.email} has no second factor.`;
          const left = `${counted(codesLeft, 'recovery code')} left.`;
          print(all, listed.length === 0 ? none : [...lines, left].join('\n'), json);
        }),
      ),
    );

  user
    .command('remove-factor <user> [ids...]')
    .description('remove second factors by their ids, or all of them with --all; sessions end')
    .option('--all', 'remove every factor and the recovery codes')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Make sure that the owner of the account is asking: the factor stops others who know the password.

Examples:
  $ gatepass user remove-factor alice@example.com 3
  $ gatepass user remove-factor 17 --all`,
    )
    .action((name: string, ids: string[], { all, json }: Output & { all?: boolean }) =>
      withAccounts(async ({ users, factors }) => {
        if ((ids.length === 0) !== (all === true))
          throw new CliError(EXIT.usage, 'Name factors by their ids, or use --all.');
        const found = await findUser(users, name);
        const known = (await factors.list(found.id)).factors.map(({ id }) => String(id));
        await forEach(context, all ? known : ids, async (id) => {
          const change = { by: OPERATOR, sessionId: undefined };
          const isRemoved = known.includes(id) && (await factors.remove(found, Number(id), change));
          if (!isRemoved) throw noFactor(found.email, id);
          print({ removed: Number(id) }, `Removed factor ${id} of ${found.email}.`, json);
        });
      }),
    );
}

const noFactor = (email: string, id: string) =>
  new CliError(
    EXIT.notFound,
    `${email} has no second factor ${JSON.stringify(id)}. "gatepass user factors ${email}" shows all.`,
  );
