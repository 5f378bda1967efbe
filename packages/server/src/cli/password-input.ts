import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Io } from './context.ts';
import { CliError, EXIT } from './failure.ts';

/**
 * A password from a prompt that does not echo, or from standard input when that is a pipe; never
 * from argv, which every user of the machine can read. One trailing line break is not part of it.
 *
 * @throws {CliError} when nothing was given or the repetition differs
 */
export async function readPassword({ stdin, stderr }: Io): Promise<string> {
  const password = stdin.isTTY
    ? await prompt(stdin, stderr)
    : (await text(stdin)).replace(/\r?\n$/, '');
  if (password === '') throw new CliError(EXIT.usage, 'No password was given.');
  return password;
}

async function prompt(stdin: Io['stdin'], stderr: Io['stderr']): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: stdin, output: silent, terminal: true });
  const ask = async (question: string) => {
    stderr.write(question);
    const answer = await terminal.question('');
    stderr.write('\n');
    return answer;
  };
  try {
    const first = await ask('Password: ');
    if ((await ask('Again: ')) !== first)
      throw new CliError(EXIT.usage, 'The two passwords differ; nothing was changed.');
    return first;
  } finally {
    terminal.close();
  }
}
