import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Tx } from '../database/database.ts';
import type { RevocationStore } from '../revocations/store.ts';
import { UNROTATED } from './session.ts';
import { REVOCATION_LIFETIME_MS } from './sessions.ts';
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

type Deps = {
  readonly store: SessionStore;
  readonly revocationStore: RevocationStore;
  readonly audit: Audit;
  readonly clock: Clock;
};

/** Remembers logouts elsewhere as what they would have left here: a session that has ended. */
export function createForeignLogouts({ store, revocationStore, audit, clock }: Deps) {
  /** A token that was used here before it was known to be logged out there. */
  async function endOpen(tx: Tx, { id, userId }: ForeignLogout, by: Origin): Promise<boolean> {
    const now = clock.now();
    const ended = await store.end(tx, { id, userId }, 'logout', now, now);
    if (ended.length === 0) return false;
    const expiresAt = now + REVOCATION_LIFETIME_MS;
    await revocationStore.insert(tx, [
      { kind: 'session', subject: id, issuedBefore: 0, expiresAt },
    ]);
    const details = { reason: 'logout' } as const;
    await audit.record(tx, { event: 'session.end', userId, sessionId: id, by, details });
    return true;
  }

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
        });
        if (isNew || (await endOpen(tx, logout, by))) count++;
      }
      return count;
    },
  };
}
