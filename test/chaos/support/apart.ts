/** Runs experiments in another process, which is replaced when one of them fails or hangs. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Order } from '../one.ts';
import type { Result } from './experiment.ts';

const PROGRAM = join(import.meta.dirname, '../one.ts');
/** Time for starting, for checks afterwards and for a slow machine; longer runs count as hanging. */
const GRACE_S = 240;
const PROGRESS_MS = 5000;

export type Engine = 'sqlite' | 'postgres';

/** What the process of this engine has started ends with it, and its files go. */
export function createApart(on: Engine) {
  let running: { child: ChildProcess; remove: () => void } | undefined;

  function start() {
    const directory = mkdtempSync(join(tmpdir(), 'gatepass-chaos-run-'));
    // PostgreSQL runs as another user where this one is root.
    chmodSync(directory, 0o711);
    const child = fork(PROGRAM, [], {
      env: { ...process.env, GATEPASS_TEST_ENGINE: on, TMPDIR: directory },
      detached: true,
    });
    const remove = () => {
      try {
        // The group, which includes its servers.
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Nothing of it is left.
      }
      rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    };
    return { child, remove };
  }

  return {
    /** Resolves however the experiment ends, to a sentence if there is no result. */
    run(order: Order): Promise<Result | string> {
      running ??= start();
      const { child, remove } = running;
      const { id, options } = order;
      const what = `${id} on ${on}${options.planted ? ', planted' : ''}`;
      const began = performance.now();
      const elapsed = () => Math.round((performance.now() - began) / 1000);
      const limit = options.seconds + GRACE_S;
      const { promise, resolve } = Promise.withResolvers<Result | string>();
      const progress = setInterval(() => console.error(`${what}: ${elapsed()} s`), PROGRESS_MS);
      const deadline = setTimeout(() => resolve(`no end after ${limit} s`), limit * 1000);
      const onExit = () => resolve('it ended without a result');
      const onMessage = (result: unknown) => resolve(result as Result);
      child.once('message', onMessage).once('exit', onExit);
      child.send(order);
      return promise.then((result) => {
        clearInterval(progress);
        clearTimeout(deadline);
        child.off('message', onMessage).off('exit', onExit);
        if (typeof result === 'string') {
          remove();
          running = undefined;
        } else for (const each of result.violations.slice(0, 5)) console.error(`${what}: ${each}`);
        return result;
      });
    },

    /** Ends it as it would end itself, so that what it compiled is kept for the next time. */
    async close(): Promise<void> {
      const { child, remove } = running ?? {};
      running = undefined;
      if (child?.connected) {
        const exited = once(child, 'exit');
        child.disconnect();
        await exited;
      }
      remove?.();
    },

    kill(): void {
      running?.remove();
    },
  };
}

export type Apart = ReturnType<typeof createApart>;
