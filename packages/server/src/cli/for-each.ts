import type { Io } from './context.ts';
import { CliError, EXIT, exitCodeOf, explain, isPlain } from './failure.ts';

/**
 * Does `work` for one name after another. A failure is reported and does not stop the others; the
 * exit code is that of the first failure.
 */
export async function forEach(
  { stderr }: Io,
  names: readonly string[],
  work: (name: string, index: number) => Promise<void>,
): Promise<void> {
  const codes: number[] = [];
  for (const [index, name] of names.entries()) {
    try {
      await work(name, index);
    } catch (error) {
      const code = exitCodeOf(error);
      if (names.length === 1 || !isPlain(error) || code === EXIT.interrupted) throw error;
      codes.push(code);
      stderr.write(`${explain(error)}\n`);
    }
  }
  const [first] = codes;
  if (first !== undefined)
    throw new CliError(first, `${codes.length} of ${names.length} could not be done.`);
}
