/**
 * What is revoked now, in memory, so that verify asks a Map and not the database. Owns the table
 * `revocations` and the feed of it; does not own what ends: sessions/ writes the revocations of an
 * end in its transaction. Every process follows the table, so an end that any of them (or the
 * command line) commits is known to all within FOLLOW_MS plus one read, and at once where the
 * database can notify. A revocation is forgotten when no access token it concerns can be alive.
 */
import { type Clock, createPatientClock, systemTimers, type Timers } from '../clock.ts';
import { createFollower } from '../polling.ts';
import type { Revocation, RevocationStore } from './store.ts';

const FOLLOW_MS = 250;
const PAGE = 1000;
/** A revocation outlives the tokens that it concerns by a minute, so less does no harm. */
const SET_BACK_MS = 1000;
/** Without news from the database for this long, this process cannot promise the bound. */
export const STALE_AFTER_MS = 1000;

export type Revocations = ReturnType<typeof createRevocations>;

type Deps = { store: RevocationStore; clock: Clock; timers?: Timers | undefined };
type Listener = (news: readonly Revocation[]) => void;

export function createRevocations({ store, clock, timers = systemTimers }: Deps) {
  const patient = createPatientClock(clock, timers);
  // Insertion order is order of expiry, near enough: old entries leave from the front.
  const sessions = new Map<string, number>();
  const users = new Map<string, { issuedBefore: number; expiresAt: number }>();
  let cutoff = 0;
  const listeners = new Set<Listener>();
  let newest = 0;
  let judgedAt = Number.NEGATIVE_INFINITY;
  let followedAt = Number.NEGATIVE_INFINITY;

  function remember({ kind, subject, issuedBefore, expiresAt }: Revocation): void {
    if (kind === 'session') {
      sessions.set(subject, expiresAt);
      return;
    }
    if (kind === 'all') {
      cutoff = Math.max(cutoff, issuedBefore);
      return;
    }
    const known = users.get(subject)?.issuedBefore ?? 0;
    users.delete(subject);
    users.set(subject, { issuedBefore: Math.max(known, issuedBefore), expiresAt });
  }

  function forgetExpired(now: number): void {
    for (const [id, expiresAt] of sessions) {
      if (expiresAt > now) break;
      sessions.delete(id);
    }
    for (const [id, { expiresAt }] of users) {
      if (expiresAt > now) break;
      users.delete(id);
    }
  }

  /** Reads again what is known already. */
  async function recall(now: number): Promise<void> {
    for (let seq = 0, isMore = true; isMore; ) {
      const page = await store.after(seq, now, PAGE);
      for (const revocation of page) remember(revocation);
      seq = page.at(-1)?.seq ?? seq;
      isMore = page.length === PAGE && seq < newest;
    }
  }

  /** Reads what is new; rejects when the database cannot answer. */
  async function follow(): Promise<void> {
    const now = patient.now();
    // The clock was set back: what had expired by it may concern tokens that live.
    if (now < judgedAt - SET_BACK_MS) await recall(now);
    judgedAt = now;
    const head = await store.newest();
    if (head > newest) {
      for (;;) {
        const page = await store.after(newest, now, PAGE);
        for (const revocation of page) remember(revocation);
        const last = page.at(-1);
        if (last) {
          newest = last.seq;
          for (const listener of listeners) listener(page);
        }
        if (page.length < PAGE) break;
      }
      // The rest up to the head has expired. Read before the pages, it hides nothing newer.
      newest = Math.max(newest, head);
    }
    forgetExpired(now);
    followedAt = timers.elapsed();
  }

  const follower = createFollower(FOLLOW_MS, () => follow().catch(() => {}), store.onNews, timers);

  return {
    follow,

    /** Follows until `stop`; failures show in `lag` and are tried again. */
    start: follower.start,
    stop: follower.stop,

    /** This process's own revocations, known before the one who asked is answered. */
    apply(revocations: readonly Revocation[]): void {
      for (const revocation of revocations) remember(revocation);
    },

    /** The time by which a revocation has expired. */
    now: patient.now,

    /** Every token with an `iat` before this epoch second is revoked; 0 when no backup was restored. */
    cutoff: (): number => cutoff,

    isSessionRevoked: (id: string): boolean => sessions.has(id),

    /** Sessionless tokens of this user with an `iat` before this epoch second are revoked. */
    userCutoff: (userId: number): number => users.get(String(userId))?.issuedBefore ?? 0,

    /** Milliseconds since the table was last read. */
    lag: (): number => timers.elapsed() - followedAt,

    size: (): number => sessions.size + users.size,

    /** Calls back with everything that is new, until the returned function is called. */
    listen(listener: Listener): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
