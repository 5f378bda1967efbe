/**
 * Revocations in memory: hashes, each kept until no token it concerns can be alive. Bounded,
 * and never at a loss: beyond the limit the oldest are folded, first into fewer bytes each, then into
 * one time, before which any token may be one of theirs.
 */
import { createFoldedSessions } from './folded-sessions.ts';
import type { Revocation } from './revocation.ts';

export type RevocationList = ReturnType<typeof createRevocationList>;

type AccountEnd = {
  readonly series: number;
  readonly kept: string | undefined;
  readonly issuedBefore: number;
  readonly expiresAt: number;
  readonly learnedAt: number;
};
type Known = Pick<AccountEnd, 'expiresAt' | 'learnedAt'>;
type UserCutoff = Known & Pick<AccountEnd, 'issuedBefore'>;
type StaleClaims = Known & { readonly version: number };

/** Of the limit, how many are folded at once: some milliseconds for a million. */
const FOLDS = 16;
/** Times the limit, how many folded ones are kept. */
const FOLDED_LIMITS = 8;
/** Seconds that clocks may differ. */
const SKEW = 5;
/** The same for what the issuer's nodes tell of themselves; longer, because no request waits for it. */
const ISSUER_SKEW = 60;

/** @param limit of ended sessions kept whole, and of accounts, users and claims kept at all */
export function createRevocationList(limit: number) {
  const batch = Math.max(1, Math.ceil(limit / FOLDS));
  // Insertion order is order of expiry, near enough: old entries leave from the front.
  const sessions = new Map<string, number>();
  const accounts = new Map<string, AccountEnd>();
  const users = new Map<string, UserCutoff>();
  const claims = new Map<string, StaleClaims>();
  const folded = createFoldedSessions();
  let cutoff = 0;
  // Entries that could not be kept in any form.
  let line = { issuedBefore: 0, expiresAt: 0 };

  function raiseLine(learnedAt: number, expiresAt: number): void {
    line = {
      issuedBefore: Math.max(line.issuedBefore, Math.floor(learnedAt) + 1 + SKEW),
      expiresAt: Math.max(line.expiresAt, expiresAt),
    };
  }

  function foldSessions(now: number): void {
    const hashes: string[] = [];
    let lasts = 0;
    for (const [hash, expiresAt] of sessions) {
      if (hashes.length >= batch) break;
      sessions.delete(hash);
      hashes.push(hash);
      lasts = Math.max(lasts, expiresAt);
    }
    folded.add(hashes, lasts, now);
    if (folded.size() <= limit * FOLDED_LIMITS) return;
    const dropped = folded.dropOldest();
    if (dropped) raiseLine(dropped.learnedAt, dropped.expiresAt);
  }

  function foldOldest(entries: Map<string, Known>): void {
    for (const [key, { learnedAt, expiresAt }] of entries) {
      entries.delete(key);
      raiseLine(learnedAt, expiresAt);
      return;
    }
  }

  function put<Entry extends Known>(entries: Map<string, Entry>, key: string, entry: Entry) {
    entries.delete(key);
    entries.set(key, entry);
    if (entries.size > limit) foldOldest(entries);
  }

  return {
    /** @param now epoch seconds */
    add(revocation: Revocation, now: number): void {
      const { expiresAt } = revocation;
      if (expiresAt <= now) return;
      if ('all' in revocation) {
        cutoff = Math.max(cutoff, revocation.issuedBefore);
      } else if ('session' in revocation) {
        // Pages and stream tell of it twice.
        if (folded.has(revocation.session)) return;
        sessions.set(revocation.session, expiresAt);
        if (sessions.size > limit) foldSessions(now);
      } else if ('account' in revocation) {
        const { account, series, kept, issuedBefore } = revocation;
        const known = accounts.get(account);
        if (known && known.series > series) return;
        const lasts = Math.max(known?.expiresAt ?? 0, expiresAt);
        put(accounts, account, { series, kept, issuedBefore, expiresAt: lasts, learnedAt: now });
      } else if ('claimsOf' in revocation) {
        const { claimsOf, version } = revocation;
        const known = claims.get(claimsOf);
        if (known && known.version > version) return;
        const lasts = Math.max(known?.expiresAt ?? 0, expiresAt);
        put(claims, claimsOf, { version, expiresAt: lasts, learnedAt: now });
      } else {
        const earlier = users.get(revocation.user)?.issuedBefore ?? 0;
        const issuedBefore = Math.max(earlier, revocation.issuedBefore);
        put(users, revocation.user, { issuedBefore, expiresAt, learnedAt: now });
      }
    },

    forgetExpired(now: number): void {
      for (const [session, expiresAt] of sessions) {
        if (expiresAt > now) break;
        sessions.delete(session);
      }
      for (const entries of [accounts, users, claims])
        for (const [key, { expiresAt }] of entries) {
          if (expiresAt > now) break;
          entries.delete(key);
        }
      folded.forgetExpired(now);
      if (line.expiresAt <= now) line = { issuedBefore: 0, expiresAt: 0 };
    },

    /** Every token issued before this epoch second is revoked, or may be; 0 when none are. */
    cutoff: (): number => Math.max(cutoff, line.issuedBefore),

    isSessionRevoked: (session: string): boolean => sessions.has(session) || folded.has(session),

    /** Whether a session of this account and series has ended with others of it. */
    isAccountEnded(account: string, session: string, series: number, issuedAt: number): boolean {
      const end = accounts.get(account);
      return (
        end !== undefined &&
        series < end.series &&
        session !== end.kept &&
        issuedAt < end.issuedBefore + ISSUER_SKEW
      );
    },

    /** Tokens without session issued before this epoch second are revoked; 0 when none are. */
    userCutoff: (user: string): number => users.get(user)?.issuedBefore ?? 0,

    /** Whether the claims of this account have changed since this version. */
    areClaimsStale: (account: string, version: number): boolean =>
      (claims.get(account)?.version ?? 0) > version,

    size: (): number => sessions.size + accounts.size + users.size + claims.size + folded.size(),

    /** How many are kept in fewer bytes. */
    foldedSize: folded.size,

    /** Tokens issued before this epoch second are refused for want of memory; 0 = none are. */
    line: (): number => line.issuedBefore,
  };
}
