/** The effects of a refresh token on its session, without and with rotation. */
import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Transaction, Tx } from '../database/database.ts';
import { type Ends, TOUCH_EVERY_MS } from './ends.ts';
import type { Named } from './named.ts';
import {
  type Decision,
  decideRotation,
  isIssuedBy,
  type Presented,
  type RotationPolicy,
} from './rotation.ts';
import { type HeldSession, type RotatingSession, standing } from './session.ts';
import type { SessionStore } from './store.ts';

type RefusedReason = 'revoked' | 'expired' | 'not_yet_valid' | 'reused' | 'user_inactive';

export type Refreshed =
  | { readonly ok: true; readonly session: HeldSession }
  | { readonly ok: false; readonly reason: RefusedReason };

type Seen = Pick<Presented, 'generation' | 'issuedAt'>;

type Deps = {
  readonly store: SessionStore;
  readonly ends: Pick<Ends, 'one'>;
  readonly audit: Audit;
  readonly transaction: Transaction;
  readonly clock: Clock;
  readonly policy: RotationPolicy;
};

export function createRefreshing({ store, ends, audit, transaction, clock, policy }: Deps) {
  /**
   * Records the use of a session, unless it was recorded recently: how long a revocation is kept
   * depends on `last_used_at`. A database that cannot write does not fail the refresh.
   *
   * @returns `false` when the session has ended meanwhile
   */
  async function touch(session: HeldSession): Promise<boolean> {
    const now = clock.now();
    if (Math.abs(now - session.lastUsedAt) < TOUCH_EVERY_MS) return true;
    return transaction((tx) => store.touch(tx, session, now)).catch(() => true);
  }

  const refuse = (reason: RefusedReason) => ({ ok: false, reason, committed: () => {} }) as const;

  async function look(id: string, userId: Named, seen: Seen): Promise<Refreshed> {
    const session = await store.find(id);
    const fault = standing(session, userId);
    if (fault || !session) return refuse(fault ?? 'revoked');
    const now = clock.now();
    if (now >= session.expiresAt) return refuse('expired');
    if (!isIssuedBy(session, seen, now, policy)) return refuse('not_yet_valid');
    // The predecessor of the newest token can still be used (rotation.ts); older ones cannot.
    if (seen.generation < session.generation - 1) return refuse('revoked');
    return { ok: true, session };
  }

  async function carryOut(tx: Tx, session: RotatingSession, decision: Decision, by: () => Origin) {
    switch (decision.kind) {
      case 'keep':
        return { ok: true, session } as const;
      case 'rotate':
      case 'repeat':
      case 'repeat_late': {
        const { next } = decision;
        if (!next) return { ok: true, session } as const;
        if (!(await store.advance(tx, session, next, clock.now()))) return undefined;
        if (decision.kind === 'repeat_late') {
          const { id: sessionId, userId } = session;
          await audit.record(tx, { event: 'refresh.elsewhere', userId, sessionId, by: by() });
        }
        return { ok: true, session: { ...session, ...next } } as const;
      }
      case 'reuse': {
        const { id: sessionId, userId } = session;
        const origin = by();
        await audit.record(tx, { event: 'refresh.reuse', sessionId, userId, by: origin });
        const committed = await ends.one(tx, session, 'reused', origin);
        return { ...refuse('reused'), ...(committed && { committed }) };
      }
      case 'refuse':
        return refuse(decision.reason);
    }
  }

  return {
    look,

    /** The session of a refresh token that does not rotate: one read, and a write every 15 minutes. */
    async resume(id: string, userId: Named, seen: Seen): Promise<Refreshed> {
      const found = await look(id, userId, seen);
      if (!found.ok || (await touch(found.session))) return found;
      return refuse('revoked');
    },

    /**
     * Spends a refresh token: the session moves to its next generation, or the token gets what
     * `rotation.ts` decides. Of several at once, one moves it and the others get the same successor.
     */
    async rotate(
      id: string,
      userId: Named,
      presented: Presented,
      by: () => Origin,
    ): Promise<Refreshed> {
      const outcome = await transaction(async (tx) => {
        for (;;) {
          const session = await store.findRotating(tx, id);
          const fault = standing(session, userId);
          if (fault || !session) return refuse(fault ?? 'revoked');
          const decision = decideRotation(session, presented, clock.now(), policy);
          const done = await carryOut(tx, session, decision, by);
          // Another request moved the session first: read it again.
          if (done) return done;
        }
      });
      if (outcome.ok) return outcome;
      outcome.committed();
      return refuse(outcome.reason);
    },
  };
}
