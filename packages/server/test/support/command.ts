/** Commands of the command line: in this process, or as a process where only one can show it. */
import { execFile } from 'node:child_process';
import { Readable, Writable } from 'node:stream';
import { main } from '../../src/main.ts';
import { BIN, environmentOf } from './process.ts';

type Result = { readonly code: number; readonly stdout: string; readonly stderr: string };
type Env = Readonly<Record<string, string>>;

// The working directory is the whole process's, so one command runs after the other.
let turn: Promise<unknown> = Promise.resolve();

/**
 * Runs a command in this process, as if it had been started in `directory`.
 *
 * @param onOutput is called after each write to standard output
 */
export function runCommand(
  directory: string,
  args: readonly string[],
  stdin = '',
  env: Env = {},
  interrupt?: AbortSignal,
  onOutput = () => {},
): Promise<Result> {
  const result = turn.then(async () => {
    const before = process.cwd();
    const stdout = createSink(onOutput);
    const stderr = createSink();
    const io = {
      env: await environmentOf(directory, env),
      stdin: Readable.from(stdin === '' ? [] : [stdin]),
      stdout: stdout.stream,
      stderr: stderr.stream,
      interrupt,
    };
    process.chdir(directory);
    try {
      const code = await main([process.execPath, BIN, ...args], io);
      return { code, stdout: stdout.text(), stderr: stderr.text() };
    } finally {
      process.chdir(before);
    }
  });
  turn = result.catch(() => {});
  return result;
}

function createSink(onWrite = () => {}) {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      onWrite();
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString() };
}

/** Runs a command as a process of its own: exit codes, signals, two nodes at one database. */
export const runGatepass = async (
  directory: string,
  args: readonly string[],
  stdin = '',
  env: Env = {},
): Promise<Result> => {
  const environment = await environmentOf(directory, env);
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [BIN, ...args],
      { cwd: directory, timeout: 120_000, env: environment },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
    child.stdin?.end(stdin);
  });
};
