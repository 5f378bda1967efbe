import type { Numbers } from '../database/database.ts';

/**
 * Finds, from repeated reads of the numbers, the number up to which no further row can appear: the
 * head of an earlier read, once all writers of that read have ended. Transactions that begin later
 * do not delay it. Pure except for its memory.
 */
export function createSettled() {
  let settled = 0;
  let pending: Numbers | undefined;

  return (now: Numbers): number => {
    if (pending && !pending.writers.some((each) => now.writers.includes(each))) {
      settled = pending.head;
      pending = undefined;
    }
    if (now.writers.length > 0) {
      pending ??= now;
      return settled;
    }
    pending = undefined;
    settled = now.head;
    return settled;
  };
}
