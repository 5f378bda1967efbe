/** One command of the command line, run as a person or a script runs it. */
import { execFile } from 'node:child_process';
import { BIN, environmentOf } from './process.ts';

type Result = { readonly code: number; readonly stdout: string; readonly stderr: string };

export const runGatepass = async (
  directory: string,
  args: string[],
  stdin = '',
  env: Readonly<Record<string, string>> = {},
): Promise<Result> => {
  const environment = await environmentOf(directory, env);
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [BIN, ...args],
      { cwd: directory, timeout: 20_000, env: environment },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
    child.stdin?.end(stdin);
  });
};
