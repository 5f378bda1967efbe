/** API keys, without their texts. */
export type ApiKeysTable = {
  /** The part of the key that names it. */
  id: string;
  /** Its purpose, in its creator's words. */
  name: string;
  /** SHA-256 of the whole key, base64url. */
  key_hash: string;
  /** Separated by spaces. */
  scopes: string;
  created_at: number;
  /** As an actor of the audit log. */
  created_by: string;
  expires_at: number;
  /** With a precision of ten minutes. */
  last_used_at: number | null;
  revoked_at: number | null;
};
