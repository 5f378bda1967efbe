import type { Command } from 'commander';
import { serve } from '../process/serve.ts';
import type { Context } from './context.ts';

export function fillServe(command: Command, { env, stdout }: Context): void {
  command
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
