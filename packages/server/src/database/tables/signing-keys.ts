import type { Generated } from 'kysely';

export type SigningKeysTable = {
  kid: string;
  alg: string;
  /** For HS256 the secret, else the private key in PKCS #8; sealed if `sealed_by` is set. */
  secret: Uint8Array;
  state: 'next' | 'current' | 'retired';
  created_at: number;
  /** From then on it signs, until a later key does. */
  activates_at: number;
  /** From then on it verifies nothing. */
  retires_at: number | null;
  /** The place in the ring, never assigned twice; null for the generated secret, which has none. */
  serial: number | null;
  /** Milliseconds that the longest-lived token it signs may live. */
  token_lifetime: Generated<number>;
  /** The fingerprint of the master key; null = stored in clear. */
  sealed_by: string | null;
};
