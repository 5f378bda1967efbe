import { type Command, Option } from 'commander';
import { pino } from 'pino';
import { OPERATOR } from '../audit/event.ts';
import { createAuditLog } from '../audit/feature.ts';
import type { Config } from '../config/config.ts';
import { type Refused, retireChanges, rotateChanges } from '../keys/commanded-changes.ts';
import { createKeys } from '../keys/feature.ts';
import type { RingChanges } from '../keys/ring-changes.ts';
import { type Algorithm, nextKey, signingKey } from '../keys/schedule.ts';
import { type KeyView, SECRET, viewsOf } from '../keys/view.ts';
import type { Context } from './context.ts';
import { CliError, EXIT } from './failure.ts';
import { rowOf } from './key-view.ts';

type Output = { json?: boolean };
type Rotate = Output & { alg?: Algorithm; now?: boolean };
type Retire = Output & { now?: boolean };

export function fillKey(key: Command, context: Context): void {
  const { print } = context;
  const withRingChanges = ringChangesOf(context);
  key.addHelpText(
    'after',
    `
Keys rotate automatically: see GATEPASS_KEY_ROTATION and docs/keys.md.

Examples:
  $ gatepass key list
  $ gatepass key rotate
  $ gatepass key rotate --alg EdDSA
  $ gatepass key retire gCMq32abRdiM-t_eJAYCC2f0CGVOMTtd4NPS_YqZMXM --now   a key has leaked
  $ gatepass key retire hs256 --now                                         the secret has leaked`,
  );

  key
    .command('list')
    .description('list the secret and the keys that sign or verify, one per line')
    .addHelpText(
      'after',
      `
Examples:
  $ gatepass key list
  $ gatepass key list --json | jq -r .kid`,
    )
    .option('--json', 'print JSON')
    .action(({ json }: Output) =>
      withRingChanges(async (ringChanges, config) => {
        const all = await views(context, ringChanges, config);
        for (const view of all) print(view, rowOf(view), json);
        if (all.length === 0 && !json)
          print(all, 'There are no keys yet: "gatepass serve" makes them.', json);
      }),
    );

  key
    .command('rotate')
    .description('make the next key sign as soon as every verifier can have it')
    .addHelpText(
      'after',
      `
Examples:
  $ gatepass key rotate
  $ gatepass key rotate --alg EdDSA`,
    )
    .addOption(
      new Option('--alg <name>', 'change the algorithm; set GATEPASS_SIGNING_ALG as well').choices([
        ...['HS256', 'EdDSA', 'ES256', 'RS256'],
      ]),
    )
    .option('--now', 'make it sign at once, even if verifiers do not have it yet')
    .option('--json', 'print JSON')
    .action(({ alg, now, json }: Rotate) =>
      withRingChanges(async (ringChanges, config) => {
        await change(context, ringChanges, (ring, at, policy) =>
          rotateChanges(ring, at, policy, { algorithm: alg, now }),
        );
        await report(context, ringChanges, config, json);
      }),
    );

  key
    .command('retire <kid>')
    .description('stop a key from signing; with --now its tokens are void at once')
    .addHelpText(
      'after',
      `
Examples:
  $ gatepass key retire gCMq32abRdiM-t_eJAYCC2f0CGVOMTtd4NPS_YqZMXM
  $ gatepass key retire hs256 --now`,
    )
    .option('--now', 'emergency: its tokens are void at once, and the next key signs')
    .option('--json', 'print JSON')
    .action((kid: string, { now = false, json }: Retire) =>
      withRingChanges(async (ringChanges, config) => {
        if (kid === SECRET) return retireSecret(context, ringChanges, config, now, json);
        await change(
          context,
          ringChanges,
          (ring, at, policy) => retireChanges(ring, at, policy, kid, now),
          kid,
        );
        await report(context, ringChanges, config, json);
      }),
    );
}

const ringChangesOf =
  ({ clock, stderr, withDatabase }: Context) =>
  <T>(work: (ringChanges: RingChanges, config: Config) => Promise<T>): Promise<T> =>
    withDatabase(async (database, config) => {
      await database.migrate();
      const logger = pino({ level: 'error' }, stderr);
      const deps = { config, database, clock, logger };
      const { ringChanges } = createKeys(deps, createAuditLog(deps).audit);
      // With another master key than the stored keys have, no server could open the new one.
      await ringChanges.open();
      return work(ringChanges, config);
    });

async function views(
  { clock }: Context,
  ringChanges: RingChanges,
  config: Config,
): Promise<KeyView[]> {
  return viewsOf(await ringChanges.rows(), config.secret !== '', clock.now());
}

async function change(
  { clock }: Context,
  ringChanges: RingChanges,
  decide: Parameters<RingChanges['apply']>[0],
  kid = '',
): Promise<void> {
  const made = await ringChanges.apply(decide, OPERATOR);
  if ('refused' in made && made.refused !== 'already_planned')
    throw explain(made, kid, clock.now());
  await ringChanges.keepUp();
}

/** The key that signs now and the next one, with the end of its publication. */
async function report(
  context: Context,
  ringChanges: RingChanges,
  config: Config,
  json: boolean | undefined,
): Promise<void> {
  const now = context.clock.now();
  const { ring } = await ringChanges.rows();
  const nameOf = (kid: string | undefined) =>
    (ring.find((key) => key.kid === kid)?.alg ?? 'HS256') === 'HS256' ? 'the secret' : `${kid}`;
  const current = signingKey(ring, now);
  const next = nextKey(ring, now);
  const all = await views(context, ringChanges, config);
  const soon = next && all.find(({ kid }) => kid === next.kid)?.activates_at;
  const lines = [`Access tokens are signed with ${nameOf(current?.kid)}.`];
  if (next && soon) lines.push(`From ${soon} on they are signed with ${nameOf(next.kid)}.`);
  context.print(all, lines.join('\n'), json);
}

async function retireSecret(
  context: Context,
  ringChanges: RingChanges,
  config: Config,
  now: boolean,
  json?: boolean,
) {
  if (config.secret !== '')
    throw new CliError(
      EXIT.refused,
      'The secret is GATEPASS_SECRET: set a new one on every machine and restart. All users must log in again.',
    );
  if (!now)
    throw new CliError(
      EXIT.refused,
      'A new secret voids every refresh token, and all users must log in again. To do so, use --now.',
    );
  if (!(await ringChanges.replaceSecret(OPERATOR)))
    throw new CliError(EXIT.notFound, 'There is no secret yet: "gatepass serve" makes one.');
  context.print(
    await views(context, ringChanges, config),
    'The secret was replaced. Every token that it signed is void, and all users must log in again.',
    json,
  );
}

function explain(refused: Refused, kid: string, now: number): CliError {
  switch (refused.refused) {
    case 'secret_does_not_rotate':
      return new CliError(
        EXIT.refused,
        'Access tokens are signed with the secret, which does not rotate, because a new one logs out all users. ' +
          'To sign with keys that rotate: gatepass key rotate --alg EdDSA, with GATEPASS_SIGNING_ALG=EdDSA. ' +
          'If the secret has leaked: gatepass key retire hs256 --now.',
      );
    case 'holds_no_key':
      return new CliError(
        EXIT.refused,
        `${kid} stands for the server's secret. To sign with a key instead: gatepass key rotate --alg EdDSA. ` +
          'If the secret has leaked: gatepass key retire hs256 --now.',
      );
    case 'already_retired':
      return new CliError(
        EXIT.refused,
        refused.until <= now
          ? `The key ${kid} is retired and no longer verifies.`
          : `The key ${kid} no longer signs, and verifies until ${new Date(refused.until).toISOString()}; --now voids its tokens at once.`,
      );
    default:
      return new CliError(
        EXIT.notFound,
        `There is no key ${JSON.stringify(kid)}. "gatepass key list" shows all.`,
      );
  }
}
