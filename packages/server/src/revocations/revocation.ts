/** A revocation: which tokens it concerns, and until when it has to be remembered. */
export type Revocation = {
  /** Grows with every revocation. */
  readonly seq: number;
  /**
   * `account` is every session of one, `user` its tokens without session, `all` everything; `claims`
   * are access tokens of an account that say something outdated, while its sessions go on.
   */
  readonly kind: 'session' | 'account' | 'user' | 'claims' | 'all';
  /** A session's id, an account's id as tokens have it, or nothing. */
  readonly subject: string;
  /**
   * Epoch seconds. Of a user: sessionless tokens issued before are revoked; of all: any token. Of
   * the others no token that is revoked was issued then or later, as far as clocks agree.
   */
  readonly issuedBefore: number;
  /** Of an account: sessions of an earlier series have ended (session-id.ts). */
  readonly series: number;
  /** Of an account: the id of the session that goes on, or nothing. */
  readonly kept: string;
  /** Of claims: access tokens with an earlier version of them are stale. */
  readonly claimsVersion: number;
  /** Epoch milliseconds; no token it concerns lives longer. */
  readonly expiresAt: number;
};

/** One that is about to be written; only an account's has a series, only that of claims a version. */
export type NewRevocation = Omit<Revocation, 'seq' | 'series' | 'kept' | 'claimsVersion'> &
  Partial<Pick<Revocation, 'series' | 'kept' | 'claimsVersion'>>;

/**
 * The series of a session, which stands behind its random part: nothing for the first one. An
 * account begins a new series when several of its sessions end at once.
 */
export const seriesOf = (sessionId: string): number => Number(sessionId.split('.')[1] ?? 0);
