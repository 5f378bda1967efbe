/**
 * Each process of a suite imports this before `node:test`, which otherwise follows every promise to know
 * the test that an uncaught error came from: an eighth of the suite's CPU. Here an uncaught error ends
 * the process, with its stack; `node --test FILE` still names the test.
 */
import { createHook } from 'node:async_hooks';

const prototype = Object.getPrototypeOf(createHook({}));
prototype.enable = function enable() {
  return this;
};

function end(error: unknown): void {
  console.error('Uncaught in a test, or after its end:', error);
  process.exit(1);
}

process.on('uncaughtException', end);
process.on('unhandledRejection', end);
