/** The errors of the client: one class, one list of codes. */

/**
 * The kind of failure.
 *
 * - `network`: no response, or an incomplete one; `timeout`: no response within `timeout` milliseconds
 * - `invalid_credentials`: no active account has this e-mail address and password; or, as `reason`
 *   says, a second factor is missing or wrong
 * - `invalid_fields`: see `fields`
 * - `session_ended`: logged out elsewhere, expired or revoked; log in again
 * - `not_logged_in`: there is no login
 * - `rate_limited`: too many attempts, see `retryAfter`
 * - `unavailable`: the service or a proxy responded with 5xx; try again later
 * - `unexpected`: any other response, see `status` and `reason`
 */
export type GatepassErrorCode =
  | 'network'
  | 'timeout'
  | 'invalid_credentials'
  | 'invalid_fields'
  | 'session_ended'
  | 'not_logged_in'
  | 'rate_limited'
  | 'unavailable'
  | 'unexpected';

/** The members of a `GatepassError` besides `code`; each is absent where it is unknown. */
export type GatepassErrorDetails = {
  /** The HTTP status, if there was a response. */
  readonly status?: number | undefined;
  /** The service's code, such as `revoked` or `registration_closed`. For debugging. */
  readonly reason?: string | undefined;
  /** The sentences to show beside each field, in the language of `Accept-Language`. */
  readonly fields?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Seconds to wait before the next attempt, more than 0 (RFC 9110 §10.2.3). */
  readonly retryAfter?: number | undefined;
  /** What `fetch` threw. */
  readonly cause?: unknown;
};

const SENTENCES: Readonly<Record<GatepassErrorCode, string>> = {
  network: 'No response: is this origin in GATEPASS_CORS_ORIGINS?',
  timeout: 'No response in time',
  invalid_credentials: 'Wrong e-mail address or password',
  invalid_fields: 'Invalid fields',
  session_ended: 'The session has ended',
  not_logged_in: 'Not logged in',
  rate_limited: 'Too many attempts',
  unavailable: 'Service unavailable',
  unexpected: 'Unexpected response',
};

/**
 * Every expected failure of the client. The message is a sentence for developers, with the status
 * and the reason; it never contains a token, a password or user input.
 *
 * @example
 * try {
 *   await client.login('alice@example.com', 'not her password');
 * } catch (error) {
 *   if (!(error instanceof GatepassError)) throw error;
 *   if (error.code === 'invalid_fields') console.log(error.fields);
 *   else console.log(error.code, error.retryAfter);
 * }
 */
export class GatepassError extends Error {
  declare readonly name: 'GatepassError';
  declare readonly code: GatepassErrorCode;
  declare readonly status: number | undefined;
  declare readonly reason: string | undefined;
  declare readonly fields: Readonly<Record<string, readonly string[]>> | undefined;
  declare readonly retryAfter: number | undefined;

  constructor(code: GatepassErrorCode, details: GatepassErrorDetails = {}) {
    const { status, reason, fields, cause } = details;
    // Nothing is known of a reason that is more than a word.
    const word = /^\w{1,40}$/.exec(reason ?? '');
    const facts = [status, word, ...Object.keys(fields ?? {})].filter(Boolean).join(' ');
    super(SENTENCES[code] + (facts && ` (${facts})`), { cause });
    Object.assign(this, { name: 'GatepassError', code }, details);
  }
}

export const hasCode = (error: unknown, ...codes: GatepassErrorCode[]): error is GatepassError =>
  error instanceof GatepassError && codes.includes(error.code);

/** A refused request as an error. `denied`: what a 401 of the service means here. */
export function refusal(
  { status, headers }: Response,
  body: unknown,
  denied: GatepassErrorCode,
): GatepassError {
  const said: Readonly<Record<string, unknown>> = Object(body);
  const { detail, code, reason = code } = said;
  const lists = Object.entries(said).filter((entry): entry is [string, string[]] =>
    Array.isArray(entry[1]),
  );
  const fields = status === 400 && lists[0] ? Object.fromEntries(lists) : undefined;
  // A 401 of something else on the way (a proxy, a portal) says nothing about the user.
  const isOurs = denied === 'invalid_credentials' ? detail : code;
  const wait = headers.get('retry-after');
  // RFC 9110 §10.2.3: seconds, or a date, which is read with this device's clock.
  const seconds = Number(wait) || (Date.parse(`${wait}`) - Date.now()) / 1000;
  return new GatepassError(
    fields
      ? 'invalid_fields'
      : status === 401 && isOurs
        ? denied
        : status === 429
          ? 'rate_limited'
          : status >= 500
            ? 'unavailable'
            : 'unexpected',
    {
      status,
      reason: typeof reason === 'string' ? reason : undefined,
      fields,
      retryAfter: seconds > 0 ? seconds : undefined,
    },
  );
}
