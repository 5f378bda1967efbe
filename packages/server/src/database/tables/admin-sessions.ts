/** One row per login at the admin listener. */
export type AdminSessionsTable = {
  /** SHA-256 of the token, base64url. */
  token_hash: string;
  user_id: number;
  /** The account's value at the login; a new password or disabling changes the account's value. */
  tokens_valid_from: number;
  created_at: number;
  expires_at: number;
  /** When the password was last asked for. */
  confirmed_at: number;
};
