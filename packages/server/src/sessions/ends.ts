/**
 * Ends sessions: the rows and revocations that an end writes, and in which portions. Up to one
 * portion of an account's sessions ends in the transaction of the end. If there are more, or if
 * several may have valid access tokens, the account begins a new series in that transaction: with
 * one row and one revocation all sessions are over. The remaining rows follow (housekeeping.ts).
 */

import type { Audit } from '../audit/audit.ts';
import type { EndReason, Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { PublicId } from '../config/public-id.ts';
import type { Transaction, Tx } from '../database/database.ts';
import type { Lifetimes } from '../revocations/lifetimes.ts';
import type { NewRevocation } from '../revocations/revocation.ts';
import type { Revocations } from '../revocations/revocations.ts';
import type { AccountStore, Ended } from './account-store.ts';
import type { Housekeeping } from './housekeeping.ts';
import type { Session } from './session.ts';
import type { SessionStore } from './store.ts';

/** Sessions that end within one transaction: some two milliseconds of the event loop. */
export const PORTION = 200;
/** The precision of "last used" where a refresh writes nothing else. */
export const TOUCH_EVERY_MS = 15 * 60_000;
/** The longest access-token lifetime that can be configured, and a margin for slow clocks. */
export const EXPIRED_FOR_MS = 86_400_000 + 60_000;

/** Which sessions of an account end, why, and by whom. */
export type Ending = {
  readonly userId: number;
  readonly reason: EndReason;
  readonly by: Origin;
  /** The id of the session that goes on. */
  readonly except?: string | undefined;
  /** Epoch seconds: sessionless tokens issued before are void too. */
  readonly issuedBefore?: number;
};

/** Ends other access to an account than its sessions; sessionless tokens issued before this epoch second. */
export type EndBeside = (tx: Tx, userId: number, issuedBefore: number) => Promise<void>;

type Held = { readonly series: number; readonly publicId: PublicId };

export type Ends = ReturnType<typeof createEnds>;

type Deps = {
  readonly store: SessionStore;
  readonly accounts: AccountStore;
  readonly revocations: Revocations;
  readonly lifetimes: Lifetimes;
  readonly audit: Audit;
  readonly housekeeping: Housekeeping;
  readonly endBeside: EndBeside;
  readonly transaction: Transaction;
  readonly clock: Clock;
};

export function createEnds(deps: Deps) {
  const { store, accounts, revocations, lifetimes, audit, housekeeping } = deps;
  const { transaction, clock } = deps;

  /** Revocations for the ended sessions that may still have valid access tokens. */
  async function revocationsOf(tx: Tx, ended: readonly Ended[]): Promise<NewRevocation[]> {
    if (ended.length === 0) return [];
    const now = clock.now();
    const lifetime = await lifetimes.access(tx);
    return ended
      .map(({ id, lastUsedAt }) => ({
        kind: 'session' as const,
        subject: id,
        issuedBefore: 0,
        expiresAt: Math.min(now, lastUsedAt + TOUCH_EVERY_MS) + lifetime,
      }))
      .filter(({ expiresAt }) => expiresAt > now);
  }

  const auditAll = (tx: Tx, ended: readonly Ended[], { userId, reason, by }: Ending) =>
    audit.recordAll(
      tx,
      ended.map(({ id }) => ({
        event: 'session.end',
        userId,
        sessionId: id,
        by,
        details: { reason },
      })),
    );

  /** Ends all sessions of an account at once, with one revocation for all. */
  async function beginSeries(tx: Tx, { userId, except }: Ending, { series, publicId }: Held) {
    const next = series + 1;
    await accounts.beginSeries(tx, userId, next);
    const isKept =
      except !== undefined && (await accounts.keep(tx, except, { userId, series }, next));
    const now = clock.now();
    return {
      kind: 'account' as const,
      subject: String(publicId),
      issuedBefore: Math.floor(now / 1000) + 1,
      series: next,
      kept: isKept ? except : '',
      expiresAt: now + (await lifetimes.access(tx)),
    };
  }

  async function ofUser(
    tx: Tx,
    { issuedBefore }: Ending,
    publicId: PublicId,
  ): Promise<NewRevocation[]> {
    const lifetime = issuedBefore === undefined ? undefined : await lifetimes.sessionless(tx);
    if (issuedBefore === undefined || lifetime === undefined) return [];
    const expiresAt = clock.now() + lifetime;
    const subject = String(publicId);
    return [{ kind: 'user', subject, issuedBefore, expiresAt }];
  }

  /** Writes the remaining rows of sessions that are over. @returns how many it has waited for */
  async function endRest(ending: Ending, before: number): Promise<number> {
    const { userId, reason } = ending;
    const which = { userId, series: before, before: true } as const;
    let count = 0;
    const step = (rows: number) =>
      transaction(async (tx) => {
        const now = clock.now();
        const expiredAfter = now - EXPIRED_FOR_MS;
        const ended = await accounts.endSome(tx, which, reason, now, expiredAfter, rows);
        await auditAll(tx, ended, ending);
        count += ended.length;
        return ended.length < rows;
      });
    await housekeeping.take(`ends of ${userId}`, () => housekeeping.inSteps(step));
    return count;
  }

  return {
    /** Ends one session, within `tx`. @returns what to do after the commit, if it was open */
    async one(
      tx: Tx,
      session: Pick<Session, 'id' | 'userId'>,
      reason: EndReason,
      by: Origin,
    ): Promise<(() => void) | undefined> {
      const now = clock.now();
      const ended = await store.end(tx, session, reason, now, now - EXPIRED_FOR_MS);
      if (!ended) return undefined;
      await auditAll(tx, [ended], { userId: session.userId, reason, by });
      return revocations.record(tx, await revocationsOf(tx, [ended]));
    },

    /** Ends some of an account's sessions, within `tx`. @returns what to do after the commit */
    async listed(
      tx: Tx,
      ids: readonly string[],
      series: number,
      ending: Ending,
    ): Promise<() => void> {
      const which = { userId: ending.userId, series };
      const ended = await accounts.endListed(tx, ids, which, ending.reason, clock.now());
      await auditAll(tx, ended, ending);
      return revocations.record(tx, await revocationsOf(tx, ended));
    },

    /**
     * Ends an account's sessions, within `tx`: all, or all but one. An end of all that is not part
     * of a change of the account also ends its other access.
     *
     * @returns to be called after the commit: then all are over for this process. It resolves to the
     *   number of rows written by then; without a server these are all
     */
    async all(tx: Tx, asked: Ending): Promise<() => Promise<number>> {
      const { userId, reason, except } = asked;
      const isAlone = except === undefined && asked.issuedBefore === undefined;
      // `iat` counts whole seconds, so tokens issued in this second are void too
      // (docs/decisions/006).
      const issuedBefore = Math.floor(clock.now() / 1000) + 1;
      const ending = isAlone ? { ...asked, issuedBefore } : asked;
      if (isAlone) await deps.endBeside(tx, userId, issuedBefore);
      const held = await accounts.hold(tx, userId);
      if (!held) return async () => 0;
      const { series } = held;
      const now = clock.now();
      const which = { userId, series, except };
      const expiredAfter = now - EXPIRED_FOR_MS;
      const ended = await accounts.endSome(tx, which, reason, now, expiredAfter, PORTION);
      await auditAll(tx, ended, ending);
      const single = await revocationsOf(tx, ended);
      const hasMore = ended.length === PORTION;
      const ofSessions =
        hasMore || single.length > 1 ? [await beginSeries(tx, ending, held)] : single;
      const committed = await revocations.record(tx, [
        ...ofSessions,
        ...(await ofUser(tx, ending, held.publicId)),
      ]);
      return async () => {
        committed();
        // The rows of a deleted account are deleted with it.
        if (!hasMore || reason === 'user_deleted') return ended.length;
        return ended.length + (await endRest(ending, series + 1));
      };
    },

    /** Writes the rows that an end of all sessions has left over because its process was killed. */
    async finish(userId: number, series: number): Promise<void> {
      const reason = (await accounts.reasonOfLast(userId, series)) ?? 'ended_by_operator';
      await endRest({ userId, reason, by: { actor: 'schedule' } }, series);
    },

    /**
     * Deletes some sessions of an account that is being deleted, within `tx`, ended or not.
     *
     * @returns whether none is left
     */
    async forgetSome(tx: Tx, userId: number, by: Origin, rows: number): Promise<boolean> {
      const forgotten = await accounts.forgetSome(tx, userId, rows);
      const expiredAfter = clock.now() - EXPIRED_FOR_MS;
      const open = forgotten.filter((each) => !each.isEnded && each.expiresAt > expiredAfter);
      await auditAll(tx, open, { userId, reason: 'user_deleted', by });
      return forgotten.length < rows;
    },
  };
}
