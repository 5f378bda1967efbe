import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { atTerminal } from './ask.ts';
import type { Io } from './context.ts';
import { counted } from './counted.ts';
import { CliError, EXIT } from './failure.ts';

/**
 * Passwords from a prompt that does not echo, or from standard input when that is a pipe; never
 * from argv, which every user of the machine can read. One trailing line break is not part of one.
 *
 * @param names of the accounts; a pipe has one password per line
 * @returns the password of the account at an index
 * @throws {CliError} when nothing was given or the repetition differs
 */
export function passwordsFor(io: Io, names: readonly string[]) {
  const { stdin } = io;
  let piped: Promise<readonly string[]> | undefined;
  return async (index: number): Promise<string> => {
    const of = names.length > 1 ? ` of ${names[index]}` : '';
    piped ??= stdin.isTTY ? undefined : readPiped(stdin, names.length);
    const password = piped ? (await piped)[index] : await prompt(io, of);
    if (!password) throw new CliError(EXIT.usage, `No password${of} was given.`);
    return password;
  };
}

async function readPiped(stdin: Io['stdin'], count: number): Promise<readonly string[]> {
  const given = (await text(stdin)).replace(/\r?\n$/, '');
  if (count === 1) return [given];
  const lines = given.split(/\r?\n/);
  if (lines.length === count) return lines;
  throw new CliError(
    EXIT.usage,
    `Standard input must have ${count} passwords, one per line; it has ${counted(given === '' ? 0 : lines.length, 'line')}.`,
  );
}

function prompt(io: Io, of: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  return atTerminal(io, silent, async (ask) => {
    const askSilently = async (question: string) => {
      const answer = await ask(question);
      io.stderr.write('\n');
      return answer;
    };
    const first = await askSilently(`Password${of}: `);
    if (first !== '' && (await askSilently('Again: ')) !== first)
      throw new CliError(EXIT.usage, 'The two passwords differ; nothing was changed.');
    return first;
  });
}
