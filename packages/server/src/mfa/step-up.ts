import type { Tx } from '../database/database.ts';
import type { ProvingRequest } from '../users/reauthenticate.ts';
import type { Caller } from '../users/user.ts';

/** What a caller sends as proof; nothing in the ten minutes after the login or the last proof. */
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
 * token without one is still honoured. Ends wait until the end of `tx`.
 *
 * @throws {Refusal} 401
 */
export type HoldCaller = (tx: Tx, caller: Caller) => Promise<void>;
