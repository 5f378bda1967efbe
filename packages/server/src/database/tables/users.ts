import type { Generated } from 'kysely';

export type UsersTable = {
  id: Generated<number>;
  /** As typed, for display and mail. */
  email: string;
  /** Unique; the account's identity (users/email.ts). */
  email_canonical: string;
  /** As typed; null = none. */
  username: Generated<string | null>;
  /** Unique (users/username.ts). */
  username_canonical: Generated<string | null>;
  /** The public id, in place of `id`; null = `id` is the public id. */
  uuid: Generated<string | null>;
  /** PHC string; null = no password can match. */
  password_hash: string | null;
  is_active: number;
  created_at: number;
  last_login_at: number | null;
  /** Sessionless tokens issued before this epoch SECOND are void (password changed). */
  tokens_valid_from: Generated<number>;
  /** When its owner proved to read the mailbox; null = not proved. */
  email_verified_at: Generated<number | null>;
  /** Sessions of an earlier series are over. Written by sessions/ alone. */
  session_series: Generated<number>;
  /** Custom claims of access tokens: a JSON object. */
  claims: Generated<string>;
  /** How often they were changed: an access token with an earlier `cv` is stale. */
  claims_version: Generated<number>;
  /** 1 = registered where verification is required, and neither verified nor used since. */
  awaits_proof: Generated<number>;
  /** 1 = may log in at the admin listener. */
  is_admin: Generated<number>;
  /** 1 = had this id already in the service that it was imported from; 2 = not as its primary key there. */
  from_elsewhere: Generated<number>;
};
