import type { Command } from 'commander';
import { pino } from 'pino';
import { createInviting } from '../admin/feature.ts';
import { OPERATOR } from '../audit/event.ts';
import type { Config } from '../config/config.ts';
import { startKeys } from '../keys/feature.ts';
import { LIFETIMES_MS } from '../one-time-tokens/purpose.ts';
import { acceptance } from '../process/announce.ts';
import { createServices } from '../services.ts';
import type { Context } from './context.ts';
import { CliError, EXIT } from './failure.ts';

export function fillAdmin(admin: Command, context: Context): void {
  const { print, withDatabase, clock, stderr } = context;
  admin
    .addHelpText('after', '\nExamples:\n  $ gatepass admin invite alice@example.com')
    .command('invite <email>')
    .description('print a one-time link that makes an administrator of this address')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
If the address has no account, the link creates one with the password that its owner chooses. The owner
of an existing account enters its password. The link works once, within 24 hours.

Examples:
  $ gatepass admin invite alice@example.com`,
    )
    .action((email: string, { json }: { json?: boolean }) =>
      withDatabase(async (database, config) => {
        await database.migrate();
        const deps = { config, database, clock, logger: pino({ level: 'error' }, stderr) };
        const services = createServices(deps);
        const { keyRing } = await startKeys(deps, services);
        const invitations = createInviting(deps, services, keyRing.deriveKey);
        const token = await invitations.invite(email, OPERATOR).finally(services.hasher.close);
        if (token === 'invalid')
          throw new CliError(EXIT.usage, `${JSON.stringify(email)} is not an e-mail address.`);
        const url = urlOf(config);
        const expires_at = new Date(clock.now() + LIFETIMES_MS.admin_invite).toISOString();
        const text = `Invited ${email}. Within 24 hours, where the admin listener can be reached:\n${acceptance(url, { token })}`;
        print({ email, token, url, expires_at }, text, json);
      }),
    );
}

/** The URL of the admin listener by these settings; only the server knows which free port it took. */
function urlOf({ adminUrl, adminHost, adminPort, port }: Config): string {
  if (adminUrl) return adminUrl;
  const number = typeof adminPort === 'number' ? adminPort : port + 1;
  return `http://${adminHost.includes(':') ? `[${adminHost}]` : adminHost}:${number}`;
}
