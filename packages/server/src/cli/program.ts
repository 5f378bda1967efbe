/**
 * The command tree. The code of a command is loaded only when the command line names it, so `--help`
 * and `--version` load nothing of the service.
 */
import { Command } from 'commander';
import { VERSION } from '../version.ts';
import type { Io } from './context.ts';

const COMMANDS = [
  ['serve', 'start the service (SIGTERM stops it: open requests are finished first)'],
  ['user', 'manage accounts, with or without a running server'],
  ['session', 'list and end the sessions of an account; running servers follow within a second'],
  ['admin', 'invite administrators; see also "gatepass user set-admin"'],
  ['api-key', 'create, list and revoke API keys, alongside a running server'],
  ['key', 'list, rotate and retire signing keys; running servers follow within 5 seconds'],
  ['audit', 'show who did what to which account, and from where'],
  ['events', 'follow what happens to accounts and sessions'],
  ['mail', 'test the mail settings; list and retry mail that is queued or was given up'],
  ['import', 'import accounts with their ids and password hashes: all of them or none'],
  ['export', 'write accounts and authenticator apps into a file for Django'],
  ['db', 'back up, restore, check and migrate the database of GATEPASS_DATABASE_URL'],
  ['doctor', 'check the runtime, the configuration and the database; changes nothing'],
] as const;

const EXAMPLES = `
Examples:
  $ gatepass serve
  $ gatepass user create alice@example.com
  $ gatepass user list --json
  $ gatepass session list alice@example.com
  $ gatepass key list
  $ gatepass doctor

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 not found, 4 refused,
5 database unavailable.`;

/** @param isNamed whether the command line names a command; only those get their content */
export async function createProgram(io: Io, isNamed: (name: string) => boolean): Promise<Command> {
  const program = new Command('gatepass')
    .description('Users and JWT sessions for your API. Configured by GATEPASS_* variables.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    })
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(add --help for usage and examples)')
    .addHelpText('after', EXAMPLES);
  // Many programs have this command; "did you mean session?" would not help.
  program.command('version', { hidden: true }).action(() => {
    io.stdout.write(`${VERSION}\n`);
  });
  for (const [name, description] of COMMANDS) {
    const command = program.command(name).description(description);
    if (!isNamed(name)) continue;
    const { CONTENTS, createContext } = await import('./contents.ts');
    CONTENTS[name](command, createContext(io));
  }
  return program;
}
