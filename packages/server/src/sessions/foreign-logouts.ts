import type { Clock } from '../clock.ts';
import type { Tx } from '../database/group-commit.ts';
import type { SessionStore } from './store.ts';

/** A refresh token of another issuer that was logged out there. */
export type ForeignLogout = {
  /** The id that its session would have here. */
  readonly id: string;
  readonly userId: number;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
};

export type ForeignLogouts = ReturnType<typeof createForeignLogouts>;

/** Remembers logouts elsewhere as what they would have left here: a session that has ended. */
export function createForeignLogouts(store: SessionStore, clock: Clock) {
  return {
    /** @returns how many */
    async remember(tx: Tx, logouts: readonly ForeignLogout[]): Promise<number> {
      const now = clock.now();
      for (const { id, userId, expiresAt } of logouts) {
        await store.insert(tx, {
          id,
          userId,
          generation: 0,
          rotatedAt: now,
          lateGeneration: 0,
          lateStreak: 0,
          createdAt: now,
          expiresAt,
          lastUsedAt: now,
          endedAt: now,
          userAgent: '',
          address: '',
        });
      }
      return logouts.length;
    },
  };
}
