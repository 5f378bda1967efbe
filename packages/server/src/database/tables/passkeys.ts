/** Passkeys (WebAuthn): a public key each, nothing secret. */
export type PasskeysTable = {
  /** Random and above the ids of `totp_factors`: one id names one factor, of whichever kind. */
  id: number;
  user_id: number;
  /** The authenticator's id of the passkey, in base64url. */
  credential_id: string;
  /** The authenticator's id of the account, in base64url: the same for all passkeys of an account. */
  user_handle: string;
  /** COSE (RFC 9052). */
  public_key: Uint8Array;
  /** The signature counter of its last use; 0 = the passkey does not count. */
  counter: number;
  /** How a browser reaches it, separated by spaces. */
  transports: string;
  /** The name its owner gave it. */
  name: string;
  created_at: number;
  last_used_at: number | null;
  /** The domain that it works for (WebAuthn's RP ID); null = not known, from before this column. */
  domain: string | null;
};
