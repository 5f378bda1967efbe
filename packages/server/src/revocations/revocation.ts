/** A revocation: the tokens that it concerns, and how long it must be kept. */
export type Revocation = {
  /** Grows with every revocation. */
  readonly seq: number;
  /**
   * `account` concerns every session of an account, `user` its tokens without a session, `all` every
   * token; `claims` concerns access tokens with outdated claims, while the account's sessions go on.
   */
  readonly kind: 'session' | 'account' | 'user' | 'claims' | 'all';
  /** A session's id, an account's id as tokens have it, or nothing. */
  readonly subject: string;
  /**
   * Epoch seconds. For `user`, sessionless tokens issued before are revoked; for `all`, any token
   * issued before. For the others, revoked tokens were issued before, as far as clocks agree.
   */
  readonly issuedBefore: number;
  /** For an account: sessions of an earlier series have ended (session-id.ts). */
  readonly series: number;
  /** For an account: the id of the session that goes on, or nothing. */
  readonly kept: string;
  /** For claims: access tokens with an earlier version are stale. */
  readonly claimsVersion: number;
  /** Epoch milliseconds; every token that it concerns has expired by then. */
  readonly expiresAt: number;
};

/** A revocation to be written; only `account` has a series, only `claims` a version. */
export type NewRevocation = Omit<Revocation, 'seq' | 'series' | 'kept' | 'claimsVersion'> &
  Partial<Pick<Revocation, 'series' | 'kept' | 'claimsVersion'>>;

/**
 * The series of a session, which follows the random part of its id; the first series has no suffix.
 * An account begins a new series when several of its sessions end at once.
 */
export const seriesOf = (sessionId: string): number => Number(sessionId.split('.')[1] ?? 0);
