import { createInterface } from 'node:readline/promises';
import type { Io } from './context.ts';
import { CliError, EXIT } from './failure.ts';

/** @throws {CliError} unless a person at a terminal says yes */
export async function confirm({ stdin, stderr }: Io, question: string): Promise<void> {
  if (!stdin.isTTY)
    throw new CliError(EXIT.usage, `${question} Nobody is there to ask: say --yes.`);
  const terminal = createInterface({ input: stdin, output: stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    if (!/^y(?:es)?$/i.test(answer.trim()))
      throw new CliError(EXIT.refused, 'Nothing was changed.');
  } finally {
    terminal.close();
  }
}
