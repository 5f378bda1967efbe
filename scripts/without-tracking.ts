/**
 * Each process of a suite imports this before `node:test`, which otherwise tracks every promise, to know
 * the test that an uncaught error came from: a tenth of the suite's CPU. Here an uncaught error ends
 * the process, with its stack; `node --test FILE` still names the test.
 */
import { type AsyncHook, createHook } from 'node:async_hooks';

const prototype: AsyncHook = Object.getPrototypeOf(createHook({}));
const { enable } = prototype;
const untracked = createHook({ trackPromises: false });
const mark = Object.getOwnPropertySymbols(untracked).find(
  ({ description }) => description === 'kNoPromiseHook',
);

// The rest of the hook stays: by it a suite knows its tests.
prototype.enable = function enableUntracked(this: AsyncHook) {
  if (mark) Object.assign(this, { [mark]: true });
  return enable.call(this);
};

function end(error: unknown): void {
  console.error('Uncaught in a test, or after its end:', error);
  process.exit(1);
}

process.on('uncaughtException', end);
process.on('unhandledRejection', end);
