import type { Generated } from 'kysely';

export type RevocationsTable = {
  seq: Generated<number>;
  kind: 'session' | 'user' | 'all';
  /** A session's id, an account's id in decimal, or nothing. */
  subject: string;
  /** For a user: sessionless tokens with an `iat` before this epoch second are revoked; for all: any. */
  issued_before: number;
  /** 0, or of a `session` that stands for all of an account: those of an earlier series. */
  series: Generated<number>;
  /** The id of the one session that such an end spared, or nothing. */
  kept: Generated<string>;
  /** 0, or of a `session` that stands for an account's claims: access tokens with earlier ones are stale. */
  claims_version: Generated<number>;
  /** No access token it concerns lives longer. */
  expires_at: number;
};
