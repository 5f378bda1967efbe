/**
 * Sessions: one row from login to logout, however many tokens it had. Owns opening, rotation,
 * ending and the tables `sessions` and `revocations`; does not own tokens, users or HTTP.
 * Imported by token/, routes.ts, app.ts and the CLI.
 */
import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Transaction, Tx } from '../database/database.ts';
import type { AccountStore } from './account-store.ts';
import { type Method, storeAuthentication } from './authentication.ts';
import { type Ends, PORTION, TOUCH_EVERY_MS } from './ends.ts';
import type { Housekeeping } from './housekeeping.ts';
import type { SessionLimit } from './limit.ts';
import { createNamedSessions, type Named } from './named.ts';
import type { Cursor, OpenStore } from './open-store.ts';
import { type Decision, decideRotation, isIssuedBy, type Presented } from './rotation.ts';
import {
  type AccountChange,
  type Device,
  type DeviceSession,
  type EndReason,
  type HeldSession,
  type RotatingSession,
  standing,
  UNROTATED,
} from './session.ts';
import { newSessionId } from './session-id.ts';
import type { SessionStore } from './store.ts';

export type Sessions = ReturnType<typeof createSessions>;

type RefusedReason = 'revoked' | 'expired' | 'not_yet_valid' | 'reused' | 'user_inactive';

export type Refreshed =
  | { readonly ok: true; readonly session: HeldSession }
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
  accounts: AccountStore;
  openStore: OpenStore;
  ends: Ends;
  limit: SessionLimit;
  housekeeping: Housekeeping;
  audit: Audit;
  transaction: Transaction;
  clock: Clock;
  policy: Policy;
};

const USER_AGENT_LENGTH = 200;

export function createSessions(deps: Deps) {
  const { store, accounts, openStore, ends, limit, housekeeping, audit } = deps;
  const { transaction, clock, policy } = deps;

  /**
   * Writes down the use of a session, unless it has been lately: a revocation need not outlive the
   * access tokens that `last_used_at` allows for. A database that cannot write keeps no client out.
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
    // The predecessor of the newest token still has an answer (rotation.ts); older ones have none.
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
    /** Opens a session in the transaction of the login. @param methods left out: a password alone */
    async open(
      tx: Tx,
      userId: number,
      device: Device & Origin,
      methods?: readonly Method[],
    ): Promise<HeldSession> {
      const now = clock.now();
      const account = await accounts.beginOf(tx, userId);
      if (!account) throw new Error('No account to open a session for');
      const { series, owner } = account;
      const session: DeviceSession = {
        id: newSessionId(series),
        userId,
        series,
        ...UNROTATED,
        rotatedAt: now,
        createdAt: now,
        expiresAt: now + Math.min(policy.refreshTokenLifetime, policy.sessionLifetime),
        lastUsedAt: now,
        endedAt: undefined,
        userAgent: device.userAgent.slice(0, USER_AGENT_LENGTH),
        address: device.address,
        auth: methods && storeAuthentication({ at: now, methods }),
      };
      await store.insert(tx, session);
      await audit.record(tx, { event: 'login.ok', userId, sessionId: session.id, by: device });
      await limit.keepTo(tx, session, session.id, device);
      return { ...session, owner };
    },

    /** The session of a refresh token that does not rotate: one read, and a write every 15 minutes. */
    async resume(id: string, userId: Named, seen: Seen): Promise<Refreshed> {
      const found = await look(id, userId, seen);
      if (!found.ok || (await touch(found.session))) return found;
      return refuse('revoked');
    },

    /**
     * Spends a refresh token: the session moves to its next generation, or the token is answered as
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
    adopt: (
      session: Omit<DeviceSession, 'series'>,
      isGood: (tx: Tx) => Promise<boolean>,
    ): Promise<boolean> =>
      transaction(async (tx) => {
        if (!(await isGood(tx))) return false;
        const { series = 0 } = (await accounts.beginOf(tx, session.userId)) ?? {};
        await store.insert(tx, { ...session, series });
        return true;
      }),

    ...createNamedSessions(deps),

    find: (id: string) => store.find(id),

    look,

    /** Ends one session of this user. @returns whether it was open */
    async endOne(userId: number, id: string, reason: EndReason, by: Origin): Promise<boolean> {
      const committed = await transaction((tx) => ends.one(tx, { id, userId }, reason, by));
      committed?.();
      return committed !== undefined;
    },

    /** Ends a user's sessions, all or all but one. @returns how many were open */
    async endAll(userId: number, reason: EndReason, by: Origin, except?: string): Promise<number> {
      const committed = await transaction((tx) => ends.all(tx, { userId, reason, by, except }));
      return committed();
    },

    /** Ends a user's sessions within a change of the account; voids sessionless tokens too. */
    endForUser: (
      tx: Tx,
      userId: number,
      reason: EndReason,
      change: AccountChange,
    ): Promise<() => Promise<number>> => ends.all(tx, { userId, reason, ...change }),

    /** Deletes some sessions of a user who is being deleted. @returns whether none is left */
    forgetSome: (tx: Tx, userId: number, by: Origin): Promise<boolean> =>
      ends.forgetSome(tx, userId, by, PORTION),

    /** Calls `last` in the transaction that deletes the last of them. */
    forgetAll(userId: number, by: Origin, last: (tx: Tx) => Promise<void>): Promise<void> {
      const step = (rows: number) =>
        transaction(async (tx) => {
          const isLast = await ends.forgetSome(tx, userId, by, rows);
          if (isLast) await last(tx);
          return isLast;
        });
      return housekeeping.inSteps(step, true);
    },

    /** Open sessions, the most recently used first, behind `after`. */
    listOpen: (userId: number, size = 1000, after?: Cursor): Promise<DeviceSession[]> =>
      openStore.list(userId, clock.now(), size, after, limit.listed),
  };
}
