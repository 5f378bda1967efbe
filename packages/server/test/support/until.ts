/** Waiting for what comes true by itself. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

// A slow machine takes its time; the deadline only turns a hang into a failure with a name.
const DEADLINE_MS = 60_000;

/** @throws when `isSo` is never true; the message says `what` was waited for */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  everyMs = 20,
): Promise<void> {
  for (const deadline = performance.now() + DEADLINE_MS; !(await isSo()); await sleep(everyMs))
    if (performance.now() > deadline) assert.fail(`in vain: ${what}`);
}
