/**
 * The current revocations in memory, so that verify reads a Map and not the database. Owns the tables
 * `revocations` and `token_lifetimes`, and the feed; does not own what ends: sessions/ has the
 * revocations of an end recorded in its transaction. Every process follows the table, so an end
 * that any of them (or the command line) commits is known to all within FOLLOW_MS plus one read,
 * and at once where the database can notify. A revocation is forgotten when no access token it
 * concerns can be alive.
 */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Clock, createPatientClock, systemTimers, type Timers } from '../clock.ts';
import type { Tx } from '../database/database.ts';
import { createFollower } from '../polling.ts';
import { createRevocationMemory } from './memory.ts';
import type { NewRevocation, Revocation } from './revocation.ts';
import type { RevocationStore } from './store.ts';

const FOLLOW_MS = 250;
const PAGE = 1000;
/** A revocation outlives the tokens that it concerns by a minute, so less does no harm. */
const SET_BACK_MS = 1000;
/** Without news from the database for this long, this process cannot promise the bound. */
export const STALE_AFTER_MS = 1000;

export type Revocations = ReturnType<typeof createRevocations>;

type Deps = { store: RevocationStore; clock: Clock; timers?: Timers | undefined };
/** `isKnown`: read once more, because it may have been forgotten too early. */
type Listener = (revocations: readonly Revocation[], isKnown?: boolean) => void;

export function createRevocations({ store, clock, timers = systemTimers }: Deps) {
  const patient = createPatientClock(clock, timers);
  const memory = createRevocationMemory();
  const listeners = new Set<Listener>();
  /** Everything up to this number has been read; of this process's own, more may be known. */
  let newest = 0;
  let newestOfOwn = 0;
  let judgedAt = Number.NEGATIVE_INFINITY;
  let followedAt = Number.NEGATIVE_INFINITY;
  let following: Promise<void> | undefined;

  /** Reads again what is known already. */
  async function recall(now: number): Promise<void> {
    for (let seq = 0, isMore = true; isMore; ) {
      const page = await store.after(seq, now, PAGE);
      for (const revocation of page) memory.remember(revocation);
      for (const listener of listeners) listener(page, true);
      seq = page.at(-1)?.seq ?? seq;
      isMore = page.length === PAGE && seq < newest;
      if (isMore) await nextTurn();
    }
  }

  async function readNews(): Promise<void> {
    const now = patient.now();
    // The clock was set back: what had expired by it may concern tokens that live.
    if (now < judgedAt - SET_BACK_MS) await recall(now);
    judgedAt = now;
    const head = await store.newest();
    if (head > newest) {
      for (;;) {
        const page = await store.after(newest, now, PAGE);
        for (const revocation of page) memory.remember(revocation);
        const last = page.at(-1);
        if (last) {
          newest = last.seq;
          for (const listener of listeners) listener(page);
        }
        if (page.length < PAGE) break;
        await nextTurn();
      }
      // The rest up to the head has expired. Read before the pages, it hides nothing newer.
      newest = Math.max(newest, head);
    }
    memory.forgetExpired(now);
    followedAt = timers.elapsed();
  }

  /** Reads new rows, once for all concurrent callers; rejects when the database cannot respond. */
  function follow(): Promise<void> {
    following ??= readNews().finally(() => {
      following = undefined;
    });
    return following;
  }

  const follower = createFollower(FOLLOW_MS, () => follow().catch(() => {}), store.onNews, timers);

  async function record(tx: Tx, revocations: readonly NewRevocation[]): Promise<() => void> {
    const written = await store.insert(tx, revocations);
    return () => {
      for (const revocation of written) {
        memory.remember(revocation);
        newestOfOwn = Math.max(newestOfOwn, revocation.seq);
      }
    };
  }

  return {
    follow,

    /** Follows until `stop`; failures show in `lag` and are tried again. */
    start: follower.start,
    stop: follower.stop,

    /**
     * Writes revocations in the transaction of what they tell of.
     *
     * @returns to be called after the commit: then this process knows them too
     */
    record,

    /** Forgets all revocations, within `tx`, and records the one that makes them superfluous. */
    async startOver(tx: Tx, revocation: NewRevocation): Promise<() => void> {
      await store.clear(tx);
      return record(tx, [revocation]);
    },

    /** The time by which a revocation has expired. */
    now: patient.now,

    /** Every token with an `iat` before this epoch second is revoked; 0 when no backup was restored. */
    cutoff: memory.cutoff,

    isSessionRevoked: memory.isSessionRevoked,

    isSuperseded: memory.isSuperseded,

    areClaimsStale: memory.areClaimsStale,

    /** Sessionless tokens of this user with an `iat` before this epoch second are revoked. */
    userCutoff: memory.userCutoff,

    /** Milliseconds since the table was last read. */
    lag: (): number => timers.elapsed() - followedAt,

    size: memory.size,

    /** The number up to which listeners have been told everything that matters. */
    newest: (): number => newest,

    /** Has listeners told of what this process has recorded itself. */
    async catchUp(): Promise<void> {
      // A round that had begun before the commit may have missed it; a second one does not.
      for (let round = 0; round < 2 && newestOfOwn > newest; round++) await follow();
    },

    /** Calls back with everything that is new, in its order, until the returned function is called. */
    listen(listener: Listener): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
