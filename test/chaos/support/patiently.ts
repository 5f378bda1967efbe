import { setTimeout as sleep } from 'node:timers/promises';
import { isDatabaseUnavailable } from '../../../packages/server/src/database/faults.ts';

/** Repeats a write of the experiment itself until a busy database accepts it. */
export async function patiently<T>(write: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!isDatabaseUnavailable(error)) throw error;
      await sleep(50);
    }
  }
}
