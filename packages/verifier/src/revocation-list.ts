/** What has been revoked, in memory: hashes, each until no token it concerns can be alive. */
export type RevocationList = ReturnType<typeof createRevocationList>;

/** An entry of the feed; subjects are base64url SHA-256 (docs/sessions.md, "The feed"). */
export type Revocation = {
  readonly seq: number;
  /** Epoch seconds. */
  readonly expiresAt: number;
} & (
  | { readonly session: string }
  /** Tokens without session of this user with an earlier `iat` (epoch seconds) are revoked. */
  | { readonly user: string; readonly issuedBefore: number }
  /** The issuer was restored from a backup: any token with an earlier `iat` is revoked. */
  | { readonly all: true; readonly issuedBefore: number }
);

export function createRevocationList(limit: number) {
  // Insertion order is order of expiry, near enough: old entries leave from the front.
  const sessions = new Map<string, number>();
  const users = new Map<string, { issuedBefore: number; expiresAt: number }>();
  let cutoff = 0;

  return {
    /** False when there is no room: then this list does not know everything. */
    add(revocation: Revocation, now: number): boolean {
      const { expiresAt } = revocation;
      if (expiresAt <= now) return true;
      if ('all' in revocation) {
        cutoff = Math.max(cutoff, revocation.issuedBefore);
        return true;
      }
      const isKnown =
        'session' in revocation ? sessions.has(revocation.session) : users.has(revocation.user);
      if (!isKnown && sessions.size + users.size >= limit) return false;
      if ('session' in revocation) {
        sessions.set(revocation.session, expiresAt);
        return true;
      }
      const earlier = users.get(revocation.user)?.issuedBefore ?? 0;
      users.delete(revocation.user);
      users.set(revocation.user, {
        issuedBefore: Math.max(earlier, revocation.issuedBefore),
        expiresAt,
      });
      return true;
    },

    forgetExpired(now: number): void {
      for (const [session, expiresAt] of sessions) {
        if (expiresAt > now) break;
        sessions.delete(session);
      }
      for (const [user, { expiresAt }] of users) {
        if (expiresAt > now) break;
        users.delete(user);
      }
    },

    /** Every token issued before this epoch second is revoked; 0 when none are. */
    cutoff: (): number => cutoff,

    isSessionRevoked: (session: string): boolean => sessions.has(session),

    /** Tokens without session issued before this epoch second are revoked; 0 when none are. */
    userCutoff: (user: string): number => users.get(user)?.issuedBefore ?? 0,

    size: (): number => sessions.size + users.size,
  };
}

/** @throws {Error} when this is no entry of a revocation feed */
export function readRevocation(value: unknown): Revocation {
  const entry: { [name: string]: unknown } =
    typeof value === 'object' && value !== null ? { ...value } : {};
  const { seq, session, user, all, issued_before: issuedBefore, expires_at: expiresAt } = entry;
  if (isTime(seq) && isTime(expiresAt)) {
    if (isHash(session)) return { seq, session, expiresAt };
    if (all === true && isTime(issuedBefore)) return { seq, all, issuedBefore, expiresAt };
    if (isHash(user) && isTime(issuedBefore)) return { seq, user, issuedBefore, expiresAt };
  }
  throw new Error('The feed holds something else than revocations');
}

const isTime = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;
const isHash = (value: unknown): value is string =>
  typeof value === 'string' && /^[\w-]{43}$/.test(value);
