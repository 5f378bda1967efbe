import type { Command } from 'commander';
import { pino } from 'pino';
import { OPERATOR } from '../audit/event.ts';
import { startKeys } from '../keys/feature.ts';
import { createOneTimeTokenFeature } from '../one-time-tokens/feature.ts';
import { createResetLinks } from '../recovery/reset-links.ts';
import { createServices } from '../services.ts';
import { findUser, view } from './accounts.ts';
import type { Context } from './context.ts';
import { forEach } from './for-each.ts';

/** `user reset-link`: a link for the owner to set a password, where mail cannot reach the mailbox. */
export function addResetLink(user: Command, context: Context): void {
  const { print, withDatabase, clock, stderr } = context;
  user
    .command('reset-link <user...>')
    .description('print a one-time link with which the owner sets a new password')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
The link works once, within 24 hours, and replaces earlier ones. Sessions end when it is used. Hand it over by a
channel that only the owner reads. It needs GATEPASS_PUBLIC_URL.

Examples:
  $ gatepass user reset-link alice@example.com`,
    )
    .action((names: string[], { json }: { json?: boolean }) =>
      withDatabase(async (database, config) => {
        await database.migrate();
        const deps = { config, database, clock, logger: pino({ level: 'error' }, stderr) };
        const services = createServices(deps);
        const { audit, users, hasher } = services;
        try {
          const { keyRing } = await startKeys(deps, services);
          const { oneTimeTokens } = createOneTimeTokenFeature(deps, keyRing.deriveKey);
          const resetLinks = createResetLinks({ config, oneTimeTokens, audit });
          await forEach(context, names, async (name) => {
            const found = await findUser(users, name);
            const issued = await database.transaction((tx) =>
              resetLinks.issue(tx, found, OPERATOR),
            );
            const { link } = issued;
            const expires_at = new Date(issued.expiresAt).toISOString();
            const text = `${found.email} sets a new password, once and until ${expires_at}:\n${link}`;
            print({ ...view(found), link, expires_at }, text, json);
          });
        } finally {
          hasher.close();
        }
      }),
    );
}
