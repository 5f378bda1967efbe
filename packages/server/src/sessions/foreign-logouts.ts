import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Tx } from '../database/database.ts';
import type { Ends } from './ends.ts';
import { UNROTATED } from './session.ts';
import type { SessionStore } from './store.ts';

/** A refresh token that was logged out at its own issuer. */
export type ForeignLogout = {
  /** The id that its session would have here. */
  readonly id: string;
  readonly userId: number;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
};

export type ForeignLogouts = ReturnType<typeof createForeignLogouts>;

type Deps = {
  readonly store: SessionStore;
  readonly ends: Ends;
  readonly clock: Clock;
};

/** Stores a logout at another issuer as what it would have left here: an ended session. */
export function createForeignLogouts({ store, ends, clock }: Deps) {
  return {
    /** @returns how many were not known here */
    async remember(tx: Tx, logouts: readonly ForeignLogout[], by: Origin): Promise<number> {
      const now = clock.now();
      let count = 0;
      for (const logout of logouts) {
        const isNew = await store.insert(tx, {
          id: logout.id,
          userId: logout.userId,
          ...UNROTATED,
          rotatedAt: now,
          createdAt: now,
          expiresAt: logout.expiresAt,
          lastUsedAt: now,
          endedAt: now,
          userAgent: '',
          address: '',
          series: 0,
        });
        // The token may have been used here before its logout there was known.
        if (isNew || (await ends.one(tx, logout, 'logout', by))) count++;
      }
      return count;
    },
  };
}
