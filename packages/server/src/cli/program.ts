/** The command tree: every command, its options, its help; the actions live beside this file. */
import { Command } from 'commander';
import { VERSION } from '../version.ts';
import { addAdminCommands } from './admin.ts';
import { addApiKeyCommands } from './api-key.ts';
import { addAuditCommands } from './audit.ts';
import type { Context } from './context.ts';
import { addDatabaseCommands } from './db.ts';
import { addDoctor } from './doctor.ts';
import { addImportCommands } from './import.ts';
import { addKeyCommands } from './key.ts';
import { addMailCommands } from './mail.ts';
import { addServe } from './serve.ts';
import { addSessionCommands } from './session.ts';
import { addUserCommands } from './user.ts';

export function createProgram(context: Context): Command {
  const program = new Command('gatepass')
    .description('Users and JWT sessions for your API. Configured by GATEPASS_* variables.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
    })
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(add --help for usage and examples)')
    .addHelpText(
      'after',
      `
Examples:
  $ gatepass serve
  $ gatepass user create alice@example.com
  $ gatepass user list --json
  $ gatepass session list alice@example.com
  $ gatepass key list
  $ gatepass doctor

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 not found, 4 refused,
5 database unavailable.`,
    );
  // Many programs have it; "did you mean session?" is no help.
  program.command('version', { hidden: true }).action(() => {
    context.stdout.write(`${VERSION}\n`);
  });
  addServe(program, context);
  addUserCommands(program, context);
  addSessionCommands(program, context);
  addAdminCommands(program, context);
  addApiKeyCommands(program, context);
  addKeyCommands(program, context);
  addAuditCommands(program, context);
  addMailCommands(program, context);
  addImportCommands(program, context);
  addDatabaseCommands(program, context);
  addDoctor(program, context);
  return program;
}
