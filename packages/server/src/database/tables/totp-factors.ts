import type { Generated } from 'kysely';

/** Authenticator apps (RFC 6238), those that are still to be confirmed included. */
export type TotpFactorsTable = {
  id: Generated<number>;
  user_id: number;
  /** The name its owner gave it. */
  name: string;
  /** Sealed where `sealed_by` says so. */
  secret: Uint8Array;
  /** The fingerprint of the master key; null = stored in clear. */
  sealed_by: string | null;
  digits: number;
  /** Seconds of a time step. */
  period: number;
  /** The newest time step whose code was used; no code of it or of an earlier one counts. */
  last_step: number;
  created_at: number;
  /** null = its owner has not shown a code yet, and no login asks for one. */
  confirmed_at: number | null;
  last_used_at: number | null;
};
