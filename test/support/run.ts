/** Runs the commands and the code that a page shows. */
import { execFile } from 'node:child_process';

/** What a program prints; rejects when it fails. */
const outputOf = (program: string, ...args: string[]) =>
  new Promise<string>((resolve, reject) => {
    execFile(program, args, { timeout: 120_000 }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });

export const runShell = (script: string) => outputOf('sh', '-c', script);

/** Runs an ES module that may await at its top. */
export const runModule = (source: string) =>
  outputOf(process.execPath, '--input-type=module', '--eval', source);
