import type { Generated } from 'kysely';

/** Authenticator apps (RFC 6238), including unconfirmed ones. */
export type TotpFactorsTable = {
  id: Generated<number>;
  user_id: number;
  /** The name its owner gave it. */
  name: string;
  /** Sealed if `sealed_by` is set. */
  secret: Uint8Array;
  /** The fingerprint of the master key; null = stored in clear. */
  sealed_by: string | null;
  digits: number;
  /** Seconds of a time step. */
  period: number;
  /** The newest time step whose code was used; no code of it or of an earlier one counts. */
  last_step: number;
  created_at: number;
  /** null = its owner has not entered a code yet, so no login requires one. */
  confirmed_at: number | null;
  last_used_at: number | null;
};
