/**
 * Sessions: one row from login to logout, however many tokens it had. Owns opening, rotation
 * (refreshing.ts), ending and the tables `sessions` and `revocations`; does not own tokens, users or HTTP.
 * Imported by token/, routes.ts, app.ts and the CLI.
 */
import type { Audit } from '../audit/audit.ts';
import type { EndReason, Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Transaction, Tx } from '../database/database.ts';
import type { AccountStore } from './account-store.ts';
import { type Method, storeAuthentication } from './authentication.ts';
import { type Ends, PORTION } from './ends.ts';
import type { Housekeeping } from './housekeeping.ts';
import type { SessionLimit } from './limit.ts';
import { createNamedSessions } from './named.ts';
import type { Cursor, OpenStore } from './open-store.ts';
import { createRefreshing } from './refreshing.ts';
import {
  type AccountChange,
  type Device,
  type DeviceSession,
  type HeldSession,
  UNROTATED,
} from './session.ts';
import { newSessionId } from './session-id.ts';
import type { SessionStore } from './store.ts';

export type Sessions = ReturnType<typeof createSessions>;

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

    /**
     * Makes a session of a token that has none (another issuer's), under an id derived from it.
     *
     * @param isGood whether the token is valid, in this transaction and until its end
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

    ...createRefreshing(deps),

    ...createNamedSessions(deps),

    find: (id: string) => store.find(id),

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

    /** Open sessions after `after`, the most recently used first. */
    listOpen: (userId: number, size = 1000, after?: Cursor): Promise<DeviceSession[]> =>
      openStore.list(userId, clock.now(), size, after, limit.listed),
  };
}
