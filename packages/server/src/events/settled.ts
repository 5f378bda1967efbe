import type { Numbers } from '../database/database.ts';

/**
 * Up to which number every row that will ever be there can be read, from one look after the other:
 * as far as the numbers went once, when all that wrote then have ended. Transactions that begin
 * meanwhile hold nothing up. Pure but for what it remembers.
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
