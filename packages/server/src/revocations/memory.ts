import type { PublicId } from '../config/public-id.ts';
import { type Revocation, seriesOf } from './revocation.ts';

type OfUser = { readonly issuedBefore: number; readonly expiresAt: number };
type OfClaims = Pick<Revocation, 'claimsVersion' | 'expiresAt'>;

/**
 * Seconds that the clocks of two nodes may differ. A token issued this much after the end of its
 * account's sessions belongs to a later session, whatever its id says: one adopted from another
 * issuer's token, or opened by a node of an older version.
 */
const SKEW = 60;

/** The revocations, for lookups in memory. Forgets those that concern no valid token. */
export function createRevocationMemory() {
  // Insertion order is roughly the order of expiry, so old entries are removed from the front.
  const sessions = new Map<string, number>();
  const accounts = new Map<string, Revocation>();
  const users = new Map<string, OfUser>();
  const claims = new Map<string, OfClaims>();
  let cutoff = 0;

  function rememberAccount(revocation: Revocation): void {
    const { subject, series, expiresAt } = revocation;
    const known = accounts.get(subject);
    if (known && known.series > series) return;
    accounts.delete(subject);
    const lasts = Math.max(known?.expiresAt ?? 0, expiresAt);
    accounts.set(subject, { ...revocation, expiresAt: lasts });
  }

  function rememberUser({ subject, issuedBefore, expiresAt }: Revocation): void {
    const known = users.get(subject)?.issuedBefore ?? 0;
    users.delete(subject);
    users.set(subject, { issuedBefore: Math.max(known, issuedBefore), expiresAt });
  }

  function rememberClaims({ subject, claimsVersion, expiresAt }: Revocation): void {
    const known = claims.get(subject);
    if (known && known.claimsVersion > claimsVersion) return;
    claims.delete(subject);
    const lasts = Math.max(known?.expiresAt ?? 0, expiresAt);
    claims.set(subject, { claimsVersion, expiresAt: lasts });
  }

  function isAccountEnded(sessionId: string, userId: PublicId, issuedAt: number): boolean {
    const end = accounts.get(String(userId));
    return (
      end !== undefined &&
      seriesOf(sessionId) < end.series &&
      sessionId !== end.kept &&
      issuedAt < end.issuedBefore + SKEW
    );
  }

  return {
    remember(revocation: Revocation): void {
      const { kind, subject, issuedBefore, expiresAt } = revocation;
      if (kind === 'session') sessions.set(subject, expiresAt);
      else if (kind === 'account') rememberAccount(revocation);
      else if (kind === 'user') rememberUser(revocation);
      else if (kind === 'claims') rememberClaims(revocation);
      else cutoff = Math.max(cutoff, issuedBefore);
    },

    /** @param now epoch milliseconds */
    forgetExpired(now: number): void {
      for (const [id, expiresAt] of sessions) {
        if (expiresAt > now) break;
        sessions.delete(id);
      }
      for (const entries of [accounts, users, claims])
        for (const [id, { expiresAt }] of entries) {
          if (expiresAt > now) break;
          entries.delete(id);
        }
    },

    /**
     * Takes the session, the account and the `iat` (epoch seconds) of a token. With a session
     * alone, only ends of that single session count.
     */
    isSessionRevoked: (sessionId: string, userId?: PublicId, issuedAt = 0): boolean =>
      sessions.has(sessionId) ||
      (accounts.size > 0 && userId !== undefined && isAccountEnded(sessionId, userId, issuedAt)),

    /** Whether a later revocation of the same account covers this one. */
    isSuperseded: ({ kind, subject, series, claimsVersion }: Revocation): boolean =>
      (kind === 'account' && (accounts.get(subject)?.series ?? 0) > series) ||
      (kind === 'claims' && (claims.get(subject)?.claimsVersion ?? 0) > claimsVersion),

    /** Whether the claims of this account have changed since this version. */
    areClaimsStale: (userId: PublicId | undefined, version: number): boolean =>
      claims.size > 0 && (claims.get(String(userId))?.claimsVersion ?? 0) > version,

    userCutoff: (userId: PublicId): number => users.get(String(userId))?.issuedBefore ?? 0,

    cutoff: (): number => cutoff,

    size: (): number => sessions.size + accounts.size + users.size + claims.size,
  };
}
