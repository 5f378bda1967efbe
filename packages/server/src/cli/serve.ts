import type { Command } from 'commander';
import { serve } from '../process/serve.ts';
import type { Context } from './context.ts';

export function addServe(program: Command, { env, stdout }: Context): void {
  program
    .command('serve')
    .description('start the service (SIGTERM stops it: open requests are answered first)')
    .addHelpText(
      'after',
      `
Examples:
  $ gatepass serve
  $ GATEPASS_PORT=9000 GATEPASS_DATABASE_URL=sqlite:/var/lib/gatepass/gatepass.db gatepass serve
  $ GATEPASS_WORKERS=auto gatepass serve

All variables: docs/configuration.md`,
    )
    .action(() => serve(env, stdout));
}
