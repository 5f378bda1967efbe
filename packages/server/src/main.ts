/** argv → command → exit code. */
import { CommanderError } from 'commander';
import type { Io } from './cli/context.ts';
import { createProgram } from './cli/program.ts';

/**
 * Runs one command of the CLI. It reads and writes through `io` alone, so a test can run it without
 * a process; `serve` also takes over the signals of the process.
 *
 * @param argv as `process.argv`
 * @param io environment, input and outputs; `process` is one
 * @returns the exit code; docs/cli.md lists them
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    const program = await createProgram(io, (name) => argv.includes(name));
    await program.parseAsync([...argv]);
    return 0;
  } catch (thrown) {
    // Commander throws after `--help` and `--version` too.
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    const { EXIT, exitCodeOf, explain, interrupted } = await import('./cli/failure.ts');
    // An interruption may surface as any error.
    const { interrupt } = io;
    const error = interrupt?.aborted ? interrupted(interrupt.reason) : thrown;
    const isInterrupted = interrupt?.aborted || exitCodeOf(error) === EXIT.interrupted;
    if (isInterrupted && io.stderr.isTTY) io.stderr.write('\n');
    if (!(error instanceof CommanderError)) io.stderr.write(`${explain(error)}\n`);
    return exitCodeOf(error);
  }
}
