import type { Writable } from 'node:stream';
import type { Io } from './context.ts';
import { interrupted } from './failure.ts';

type Ask = (question: string) => Promise<string>;

/**
 * Asks questions at the terminal and restores it afterwards.
 *
 * @param echo where what is typed is shown
 * @throws {CliError} at Ctrl+C; an answer is empty when the input ends (Ctrl+D)
 */
export async function atTerminal<T>(
  { stdin, stderr, interrupt }: Io,
  echo: Writable,
  work: (ask: Ask) => Promise<T>,
): Promise<T> {
  // Loaded here, because neither the service nor other commands need it.
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: stdin, output: echo, terminal: true });
  const ended = new Promise<string>((resolve, reject) => {
    terminal.once('close', () => resolve(''));
    const stop = () => reject(interrupted());
    terminal.once('SIGINT', stop);
    interrupt?.addEventListener('abort', stop, { once: true });
  });
  try {
    return await work((question) => {
      stderr.write(question);
      return Promise.race([terminal.question(''), ended]);
    });
  } finally {
    terminal.close();
  }
}
