import type { Generated, Kysely } from 'kysely';

/** Every stored record; documented column by column in docs/storage.md. Times are epoch ms. */
export type Schema = Tables & MigrationTables;

/** The tables that hold what is backed up. */
export type Tables = {
  users: UsersTable;
  signing_keys: SigningKeysTable;
  sessions: SessionsTable;
  revocations: RevocationsTable;
  audit_events: AuditEventsTable;
  installation: InstallationTable;
  throttle_counts: ThrottleCountsTable;
  one_time_tokens: OneTimeTokensTable;
  outbox: OutboxTable;
  token_lifetimes: TokenLifetimesTable;
};

/** Which migrations have run; by hand of database/migrations.ts alone. */
export type MigrationTables = {
  gatepass_migration: { name: string; ran_at: number };
  /** Of versions before the one above. */
  kysely_migration: { name: string; timestamp: string };
};

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
  /** What the account is known by outside, in place of `id`; null = by `id`. */
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
  /** What access tokens say of the account beside our own claims: a JSON object. */
  claims: Generated<string>;
  /** How often they were changed: an access token with an earlier `cv` is stale. */
  claims_version: Generated<number>;
  /** 1 = registered where verification is required, and neither verified nor used since. */
  awaits_proof: Generated<number>;
};

export type SigningKeysTable = {
  kid: string;
  alg: string;
  /** Of HS256 the secret, else the private key in PKCS #8; sealed where `sealed_by` says so. */
  secret: Uint8Array;
  state: 'next' | 'current' | 'retired';
  created_at: number;
  /** From then on it signs, unless a later one does. */
  activates_at: number;
  /** From then on it verifies nothing. */
  retires_at: number | null;
  /** The place in the ring, never given twice; null = the generated secret, which has none. */
  serial: number | null;
  /** Milliseconds that the longest-lived token it signs may live. */
  token_lifetime: Generated<number>;
  /** The fingerprint of the master key; null = stored in clear. */
  sealed_by: string | null;
};

/** One row per session; no row, and no text, of any token. */
export type SessionsTable = {
  /** 128 random bits in base64url, and its series where that is not 0: the `sid` of its tokens. */
  id: string;
  user_id: number;
  /** How often the refresh token was rotated; the `gen` of the newest one. */
  generation: number;
  rotated_at: number;
  /** A keyed hash of the network and the user agent that made the last rotation. */
  rotated_by: Generated<string>;
  /** When and to which client the newest token was last given for its predecessor. */
  given_at: Generated<number>;
  given_to: Generated<string>;
  /** The newest generation whose predecessor came from elsewhere, and how many in a row did. */
  late_generation: number;
  late_streak: number;
  created_at: number;
  /** When its newest refresh token expires. */
  expires_at: number;
  last_used_at: number;
  ended_at: number | null;
  end_reason: string | null;
  user_agent: string;
  address: string;
  /** The account's `session_series` when it was opened, or when it was last kept. */
  series: Generated<number>;
};

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

/** What happened to accounts and sessions; rows outlive the account they tell of. */
export type AuditEventsTable = {
  id: Generated<number>;
  at: number;
  /** One of audit/event.ts, as are the actors and what `details`, JSON, may hold. */
  event: string;
  user_id: number | null;
  session_id: string | null;
  actor: string;
  address: string;
  user_agent: string;
  request_id: string;
  details: string;
};

/** One row: which installation this is, to tell its backups from another one's. */
export type InstallationTable = {
  /** Random, made with the table. */
  id: string;
  created_at: number;
  /** What numbers the buckets of `throttle_counts`: 32 random bytes in hex. */
  throttle_key: Generated<string>;
};

/** How often something was tried; no account and no address can be read from it. */
export type ThrottleCountsTable = {
  /** A keyed hash of limit, account and network. */
  bucket: number;
  hits: number;
  since: number;
  expires_at: number;
};

/** Tokens that a mail carries; the texts of link and code are computed, never stored. */
export type OneTimeTokensTable = {
  id: Generated<number>;
  user_id: number;
  purpose: 'reset' | 'activation' | 'email_change' | 'email_undo';
  /** In canonical form: the address that the token proves or gives back. */
  address: string;
  created_at: number;
  expires_at: number;
  used_at: number | null;
  /** Codes tried. */
  attempts: number;
};

/** Mail that waits for its server; a row that was sent is deleted. */
export type OutboxTable = {
  id: Generated<number>;
  template: string;
  recipient: string;
  language: string;
  /** JSON: account, time and network, as the mail names them. */
  params: string;
  user_id: number | null;
  token_id: number | null;
  created_at: number;
  /** From then on it is of no use. */
  expires_at: number;
  /** The next attempt; while a process sends it, the end of its lease. */
  due_at: number;
  attempts: number;
  last_error: string | null;
  /** Given up. */
  failed_at: number | null;
};

/** How long tokens may live that servers of this database issue or accept. */
export type TokenLifetimesTable = {
  kind: 'access' | 'sessionless';
  /** Milliseconds. */
  lifetime: number;
  /** When a server last ran with it. */
  seen_at: number;
};

export type Db = Kysely<Schema>;
