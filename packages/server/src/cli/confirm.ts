import { atTerminal } from './ask.ts';
import type { Io } from './context.ts';
import { CliError, EXIT } from './failure.ts';

/** @throws {CliError} unless a person at a terminal says yes */
export async function confirm(io: Io, question: string): Promise<void> {
  if (!io.stdin.isTTY)
    throw new CliError(EXIT.usage, `${question} There is no terminal to ask: use --yes.`);
  const answer = await atTerminal(io, io.stderr, (ask) => ask(`${question} [y/N] `));
  if (!/^y(?:es)?$/i.test(answer.trim())) throw new CliError(EXIT.refused, 'Nothing was changed.');
}
