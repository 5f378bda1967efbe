/** Passkeys (WebAuthn): a public key each, nothing secret. */
export type PasskeysTable = {
  /** Random and above the ids of `totp_factors`: one id names one factor, of whichever kind. */
  id: number;
  user_id: number;
  /** What the authenticator calls it, in base64url. */
  credential_id: string;
  /** What the authenticator knows the account by, in base64url: the same for all of an account. */
  user_handle: string;
  /** COSE (RFC 9052). */
  public_key: Uint8Array;
  /** Of its last use; 0 = it does not count. */
  counter: number;
  /** How a browser reaches it, separated by spaces. */
  transports: string;
  /** The name its owner gave it. */
  name: string;
  created_at: number;
  last_used_at: number | null;
};
