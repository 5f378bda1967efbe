import type { Generated } from 'kysely';

export type RevocationsTable = {
  seq: Generated<number>;
  kind: 'session' | 'user' | 'all';
  /** A session's id, an account's id in decimal, or nothing. */
  subject: string;
  /** For a user: sessionless tokens with an `iat` before this epoch second are revoked; for all: any. */
  issued_before: number;
  /** 0, or in a `session` row for a whole account: sessions of an earlier series are revoked. */
  series: Generated<number>;
  /** The id of the only session that goes on, or nothing. */
  kept: Generated<string>;
  /** 0, or in a `session` row for an account's claims: access tokens with an earlier version are stale. */
  claims_version: Generated<number>;
  /** No access token it concerns lives longer. */
  expires_at: number;
};
