import { createInterface } from 'node:readline/promises';
import { CliError, EXIT } from './failure.ts';

/** @throws {CliError} unless a person at a terminal says yes */
export async function confirm(question: string): Promise<void> {
  if (!process.stdin.isTTY)
    throw new CliError(EXIT.usage, `${question} Nobody is there to ask: say --yes.`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    if (!/^y(?:es)?$/i.test(answer.trim()))
      throw new CliError(EXIT.refused, 'Nothing was changed.');
  } finally {
    terminal.close();
  }
}
