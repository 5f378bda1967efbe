/**
 * Sessions: one row from login to logout, however many tokens it had. Owns opening, rotation,
 * ending and the tables `sessions` and `revocations`; does not own tokens, users or HTTP.
 * Imported by token/, routes.ts, app.ts and the CLI.
 */
import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Transaction, Tx } from '../database/database.ts';
import type { Revocations } from '../revocations/revocations.ts';
import type { RevocationStore } from '../revocations/store.ts';
import { type Decision, decideRotation, isIssuedBy, type Presented } from './rotation.ts';
import {
  type AccountChange,
  type Device,
  type DeviceSession,
  type Ending,
  type EndReason,
  type Session,
  standing,
  UNROTATED,
} from './session.ts';
import { newSessionId } from './session-id.ts';
import type { SessionStore } from './store.ts';

export type Sessions = ReturnType<typeof createSessions>;

type RefusedReason = 'revoked' | 'expired' | 'not_yet_valid' | 'reused' | 'user_inactive';

export type Refreshed =
  | { readonly ok: true; readonly session: Session }
  | { readonly ok: false; readonly reason: RefusedReason };

type Seen = Pick<Presented, 'generation' | 'issuedAt'>;

type Policy = {
  /** All in milliseconds. */
  readonly refreshTokenLifetime: number;
  readonly sessionLifetime: number;
  readonly leeway: number;
};

type Deps = {
  store: SessionStore;
  revocationStore: RevocationStore;
  revocations: Revocations;
  audit: Audit;
  transaction: Transaction;
  clock: Clock;
  policy: Policy;
};

const USER_AGENT_LENGTH = 200;
// How exact "last used" is where a refresh writes nothing else.
const TOUCH_EVERY_MS = 15 * 60_000;
// The longest access-token lifetime that can be configured, and a margin for slow clocks: whoever
// revokes may run with another setting than whoever issued.
export const REVOCATION_LIFETIME_MS = 86_400_000 + 60_000;
// Tokens of another issuer live as long as that issuer liked; no access token lives a month.
const SESSIONLESS_LIFETIME_MS = 30 * 86_400_000;

export function createSessions(deps: Deps) {
  const { store, revocationStore, revocations, audit, transaction, clock, policy } = deps;

  /** Ends sessions and writes the revocations of the same transaction. */
  async function endWithin(
    tx: Tx,
    which: Parameters<SessionStore['end']>[1],
    reason: EndReason,
    { userId, issuedBefore, by }: Ending,
  ) {
    const now = clock.now();
    const expiresAt = now + REVOCATION_LIFETIME_MS;
    const ended = await store.end(tx, which, reason, now, now - REVOCATION_LIFETIME_MS);
    for (const sessionId of ended)
      await audit.record(tx, { event: 'session.end', userId, sessionId, by, details: { reason } });
    const rows = ended.map((subject) => ({
      kind: 'session' as const,
      subject,
      issuedBefore: 0,
      expiresAt,
    }));
    const cutoff = issuedBefore !== undefined && {
      kind: 'user' as const,
      subject: String(userId),
      issuedBefore,
      expiresAt: now + SESSIONLESS_LIFETIME_MS,
    };
    const written = await revocationStore.insert(tx, cutoff ? [...rows, cutoff] : rows);
    return { ended: ended.length, committed: () => revocations.apply(written) };
  }

  async function end(
    which: Parameters<SessionStore['end']>[1] & { readonly userId: number },
    reason: EndReason,
    by: Origin,
  ) {
    const ending = { userId: which.userId, by };
    const { ended, committed } = await transaction((tx) => endWithin(tx, which, reason, ending));
    committed();
    return ended;
  }

  function touch(session: Session): void {
    const now = clock.now();
    if (Math.abs(now - session.lastUsedAt) < TOUCH_EVERY_MS) return;
    // Nobody waits for it and nothing depends on it; a database that fails shows elsewhere.
    transaction((tx) => store.touch(tx, session.id, now)).catch(() => {});
  }

  const refuse = (reason: RefusedReason) => ({ ok: false, reason, committed: () => {} }) as const;

  async function look(id: string, userId: number, seen: Seen): Promise<Refreshed> {
    const session = await store.find(id);
    const fault = standing(session, userId);
    if (fault || !session) return refuse(fault ?? 'revoked');
    const now = clock.now();
    if (now >= session.expiresAt) return refuse('expired');
    if (!isIssuedBy(session, seen, now, policy)) return refuse('not_yet_valid');
    // The predecessor of the newest token still has an answer (rotation.ts); older ones have none.
    if (seen.generation < session.generation - 1) return refuse('revoked');
    return { ok: true, session };
  }

  async function carryOut(tx: Tx, session: Session, decision: Decision, by: () => Origin) {
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
        const { id, userId } = session;
        const ending = { userId, by: by() };
        await audit.record(tx, { event: 'refresh.reuse', sessionId: id, ...ending });
        return { ...refuse('reused'), ...(await endWithin(tx, { id }, 'reused', ending)) };
      }
      case 'refuse':
        return refuse(decision.reason);
    }
  }

  return {
    /** Opens a session in the transaction of the login. */
    async open(tx: Tx, userId: number, device: Device & Origin): Promise<Session> {
      const now = clock.now();
      const session: DeviceSession = {
        id: newSessionId(),
        userId,
        ...UNROTATED,
        rotatedAt: now,
        createdAt: now,
        expiresAt: now + Math.min(policy.refreshTokenLifetime, policy.sessionLifetime),
        lastUsedAt: now,
        endedAt: undefined,
        userAgent: device.userAgent.slice(0, USER_AGENT_LENGTH),
        address: device.address,
      };
      await store.insert(tx, session);
      await audit.record(tx, { event: 'login.ok', userId, sessionId: session.id, by: device });
      return session;
    },

    /** The session of a refresh token that does not rotate; one read, nothing waits for a write. */
    async resume(id: string, userId: number, seen: Seen): Promise<Refreshed> {
      const found = await look(id, userId, seen);
      if (found.ok) touch(found.session);
      return found;
    },

    /**
     * Spends a refresh token: the session moves to its next generation, or the token is answered as
     * `rotation.ts` decides. Of several at once, one moves it and the others get the same successor.
     */
    async rotate(
      id: string,
      userId: number,
      presented: Presented,
      by: () => Origin,
    ): Promise<Refreshed> {
      const outcome = await transaction(async (tx) => {
        for (;;) {
          const session = await store.find(id, tx);
          const fault = standing(session, userId);
          if (fault || !session) return refuse(fault ?? 'revoked');
          const decision = decideRotation(session, presented, clock.now(), policy);
          const done = await carryOut(tx, session, decision, by);
          // Another node was faster: look again.
          if (done) return done;
        }
      });
      if (outcome.ok) return outcome;
      outcome.committed();
      return refuse(outcome.reason);
    },

    /**
     * Makes a session of a token that has none (another issuer's), under an id derived from it.
     *
     * @param isGood whether the token is good, in this transaction and until its end
     * @returns whether it was
     */
    adopt: (session: DeviceSession, isGood: (tx: Tx) => Promise<boolean>): Promise<boolean> =>
      transaction(async (tx) => {
        if (!(await isGood(tx))) return false;
        await store.insert(tx, session);
        return true;
      }),

    /** A session was looked at more often than allowed, perhaps to follow its rotations. */
    notePolled: (userId: number, sessionId: string, by: Origin): Promise<void> =>
      transaction((tx) => audit.record(tx, { event: 'session.polled', userId, sessionId, by })),

    find: (id: string) => store.find(id),

    look,

    /** Ends one session of this user. @returns whether it was open */
    endOne: async (userId: number, id: string, reason: EndReason, by: Origin): Promise<boolean> =>
      (await end({ userId, id }, reason, by)) > 0,

    /** Ends a user's sessions, all or all but one. @returns how many were open */
    endAll: (userId: number, reason: EndReason, by: Origin, except?: string): Promise<number> =>
      end(except === undefined ? { userId } : { userId, except }, reason, by),

    /** Ends a user's sessions within a change of the account; voids sessionless tokens too. */
    async endForUser(
      tx: Tx,
      userId: number,
      reason: EndReason,
      { except, issuedBefore, by }: AccountChange,
    ): Promise<() => void> {
      const which = except === undefined ? { userId } : { userId, except };
      const { committed } = await endWithin(tx, which, reason, { userId, issuedBefore, by });
      return committed;
    },

    /** Open sessions, the most recently used first. */
    listOpen: (userId: number): Promise<DeviceSession[]> => store.listOpen(userId, clock.now()),
  };
}
