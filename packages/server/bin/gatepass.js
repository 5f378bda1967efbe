#!/usr/bin/env node
import nodeModule from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

// Plain JavaScript, so that an old Node.js gets this sentence instead of a syntax error.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    `Gatepass needs Node.js 24 or newer; this is ${process.versions.node}. ` +
      'In a clone, "npm ci" brings one along: use "npm start" or "npm run gatepass -- …".',
  );
  process.exit(1);
}
// Halves the start. Beside the code, not in a temporary directory where another user could plant one.
nodeModule.enableCompileCache?.(fileURLToPath(new URL('../node_modules/.cache', import.meta.url)));
const { main } = await import('../src/main.ts');
// "serve" finishes open requests after any error, and has signals of its own.
const isServe = process.argv[2] === 'serve';
process.stdout.on('error', (error) => {
  // The reader of a pipe may have seen enough (| head); that is no failure.
  if (error.code === 'EPIPE') process.exit(0);
  if (isServe || !error.syscall) throw error;
  process.stderr.write(`${error.message}.\n`);
  process.exit(1);
});
const { env, stdin, stdout, stderr } = process;
const interrupt = new AbortController();
let giveUp;
if (!isServe)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      // As a shell reports a program that the signal ended.
      const exitCode = 128 + constants.signals[signal];
      interrupt.abort(Object.assign(new Error(signal), { exitCode }));
      // For work that comes by no place where it can stop: its transaction ends with the process.
      giveUp ??= setTimeout(() => {
        stderr.write('Interrupted.\n');
        process.exit(exitCode);
      }, 2000);
    });
process.exitCode = await main(process.argv, {
  ...{ env, stdin, stdout, stderr },
  interrupt: interrupt.signal,
});
clearTimeout(giveUp);
// Everything has been closed; what was forgotten must not keep the process alive.
setTimeout(() => process.exit(), 2000).unref();
