import type { Generated, Kysely } from 'kysely';

/** Every stored record; documented column by column in docs/storage.md. Times are epoch ms. */
export type Schema = {
  users: UsersTable;
  signing_keys: SigningKeysTable;
};

export type UsersTable = {
  id: Generated<number>;
  /** As typed, for display and mail. */
  email: string;
  /** Unique; the account's identity (users/email.ts). */
  email_canonical: string;
  /** PHC string; null = no password can match. */
  password_hash: string | null;
  is_active: number;
  created_at: number;
  last_login_at: number | null;
  /** Tokens issued before this epoch SECOND are void (password changed). */
  tokens_valid_from: Generated<number>;
};

export type SigningKeysTable = {
  kid: string;
  alg: string;
  secret: Uint8Array;
  state: 'next' | 'current' | 'retired';
  created_at: number;
  activates_at: number;
  retires_at: number | null;
};

export type Db = Kysely<Schema>;
