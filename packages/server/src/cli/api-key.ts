import { type Command, InvalidArgumentError } from 'commander';
import { viewOfKey } from '../admin/api-keys.ts';
import { DEFAULT_LIFETIME_DAYS, MAX_LIFETIME_DAYS } from '../api-keys/api-keys.ts';
import { readScopes, SCOPES, type Scope } from '../api-keys/scope.ts';
import type { ApiKey } from '../api-keys/store.ts';
import { OPERATOR } from '../audit/event.ts';
import type { Context } from './context.ts';
import { CliError, EXIT } from './failure.ts';
import { forEach } from './for-each.ts';

type Output = { json?: boolean };
type Create = Output & { scope: readonly Scope[]; days: number };

export function fillApiKey(apiKey: Command, context: Context): void {
  const { print, withAccounts } = context;
  apiKey.addHelpText(
    'after',
    `
Examples:
  $ gatepass api-key create "Nightly export" --scope users:read,audit:read
  $ gatepass api-key list
  $ gatepass api-key revoke 4fGh2Kx9`,
  );

  apiKey
    .command('create <name>')
    .description('create a key and print it; it cannot be shown again')
    .requiredOption('--scope <scopes>', `what it may do, of ${SCOPES.join(', ')}`, scopesOf)
    .option('--days <number>', 'how many days it is valid', daysOf, DEFAULT_LIFETIME_DAYS)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ gatepass api-key create "API gateway" --scope introspect --days 365
  $ gatepass api-key create "Nightly export" --scope users:read,audit:read --json`,
    )
    .action((name: string, { scope: scopes, days, json }: Create) =>
      withAccounts(async ({ apiKeys }) => {
        const { key, text } = await apiKeys.create({ name, scopes, days }, OPERATOR);
        const until = new Date(key.expiresAt).toISOString().slice(0, 10);
        print({ ...viewOfKey(key), key: text }, `${text}\nValid until ${until}.`, json);
      }),
    );

  apiKey
    .command('list')
    .description(
      'list keys, one per line, the newest first; revoked and expired ones stay for 30 days',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  $ gatepass api-key list')
    .action(({ json }: Output) =>
      withAccounts(async ({ apiKeys }) => {
        for (const key of await apiKeys.list())
          print(viewOfKey(key), rowOf(key, apiKeys.isLive(key)), json);
      }),
    );

  apiKey
    .command('revoke <id...>')
    .description('revoke keys by their ids; running servers refuse them at once')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  $ gatepass api-key revoke 4fGh2Kx9')
    .action((ids: string[], { json }: Output) =>
      withAccounts(({ apiKeys }) =>
        forEach(context, ids, async (given) => {
          // Of a leaked key the operator has the whole text.
          const id = given.replace(/^gp_(\w{8})_\w+$/, '$1');
          if (!(await apiKeys.revoke(id, OPERATOR)))
            throw new CliError(
              EXIT.notFound,
              `No valid key has the id ${JSON.stringify(id)}. "gatepass api-key list" shows all.`,
            );
          print({ revoked: id }, `Revoked ${id}.`, json);
        }),
      ),
    );
}

function scopesOf(text: string): readonly Scope[] {
  const scopes = readScopes(text.split(',').map((each) => each.trim()));
  if (!scopes) throw new InvalidArgumentError(`They are ${SCOPES.join(', ')}.`);
  return scopes;
}

function daysOf(text: string): number {
  const days = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (days < 1 || days > MAX_LIFETIME_DAYS)
    throw new InvalidArgumentError(`It must be a number from 1 to ${MAX_LIFETIME_DAYS}.`);
  return days;
}

const day = (epochMs: number | undefined) =>
  epochMs === undefined ? 'never'.padEnd(10) : new Date(epochMs).toISOString().slice(0, 10);

const rowOf = (key: ApiKey, isLive: boolean) =>
  [
    key.id,
    isLive ? 'valid  ' : key.revokedAt === undefined ? 'expired' : 'revoked',
    `until ${day(key.expiresAt)}`,
    `used ${day(key.lastUsedAt)}`,
    key.scopes.join(','),
    key.name.replace(/[^\x20-\x7e]/g, '?'),
  ].join('  ');
