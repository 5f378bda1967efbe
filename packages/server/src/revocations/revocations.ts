/**
 * The current revocations in memory, so that verify reads a Map and not the database. Owns the
 * tables `revocations` and `token_lifetimes`, and the feed; does not own what ends: sessions/
 * records the revocations of an end in its transaction. Every process follows the table, so an end
 * that any of them (or the command line) commits is known to all within FOLLOW_MS plus one read,
 * and at once if the database can notify. A revocation is dropped when no access token that it
 * concerns can be valid.
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
/** A clock set back by less does no harm: revocations outlive their tokens by a minute. */
const SET_BACK_MS = 1000;
/** Without news from the database for this long, this process cannot promise the bound. */
export const STALE_AFTER_MS = 1000;

export type Revocations = ReturnType<typeof createRevocations>;

type Deps = { store: RevocationStore; clock: Clock; timers?: Timers | undefined };
/** `isKnown`: read again, because it may have been dropped too early. */
type Listener = (revocations: readonly Revocation[], isKnown?: boolean) => void;

export function createRevocations({ store, clock, timers = systemTimers }: Deps) {
  const patient = createPatientClock(clock, timers);
  const memory = createRevocationMemory();
  const listeners = new Set<Listener>();
  /** Everything up to this number has been read; later revocations of this process may be known too. */
  let newest = 0;
  let newestOfOwn = 0;
  let judgedAt = Number.NEGATIVE_INFINITY;
  let followedAt = Number.NEGATIVE_INFINITY;
  let following: Promise<void> | undefined;

  /** Reads all revocations again. */
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
    // The clock was set back: revocations that had expired may concern valid tokens again.
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
      // Rows between the last page and `head` have expired. `head` was read first, so newer rows
      // are not skipped.
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
     * Writes revocations in the transaction of their cause.
     *
     * @returns to be called after the commit: then this process knows them too
     */
    record,

    /** Deletes all revocations, within `tx`, and records the one that covers them. */
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

    /** Listeners have got everything up to this number. */
    newest: (): number => newest,

    /** Passes what this process has recorded itself on to listeners. */
    async catchUp(): Promise<void> {
      // A round that began before the commit may have missed it; a second round does not.
      for (let round = 0; round < 2 && newestOfOwn > newest; round++) await follow();
    },

    /** Calls back with new revocations, in order, until the returned function is called. */
    listen(listener: Listener): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
