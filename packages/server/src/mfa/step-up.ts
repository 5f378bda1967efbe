import type { Tx } from '../database/database.ts';
import type { ProvingRequest } from '../users/reauthenticate.ts';
import type { Caller } from '../users/user.ts';

/** The proof that a caller sends. Empty within ten minutes of the login or the last proof. */
export type Proved = {
  readonly current_password?: string;
  readonly code?: string;
  readonly passkey?: object;
};

/**
 * Asks a logged-in caller for the password again, and for a code or a passkey where the account has a
 * second factor: a stolen access token must not turn factors on or off. Counts the change.
 *
 * @throws {Refusal} `reauthentication_required`, `invalid_fields` or `throttled`
 */
export type StepUp = (caller: Caller, proved: Proved, request: ProvingRequest) => Promise<void>;

/**
 * Checks within `tx` that the caller's session has not ended since the request came in, and that a
 * token without a session is still honoured. Requests that end the session wait for the end of `tx`.
 *
 * @throws {Refusal} 401
 */
export type HoldCaller = (tx: Tx, caller: Caller) => Promise<void>;
