/** argv → command → exit code. */
import { CommanderError } from 'commander';
import { exitCodeOf, explain } from './cli/failure.ts';
import { createProgram } from './cli/program.ts';

/**
 * Runs one command of the CLI.
 *
 * @param argv as `process.argv`
 * @returns the exit code; docs/cli.md lists them
 */
export async function main(argv: readonly string[]): Promise<number> {
  // The reader of a pipe may have seen enough (| head); that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  try {
    await createProgram().parseAsync([...argv]);
    return 0;
  } catch (error) {
    if (!(error instanceof CommanderError)) process.stderr.write(`${explain(error)}\n`);
    return exitCodeOf(error);
  }
}
