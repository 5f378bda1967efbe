/**
 * Why a token was refused. The one list of reasons; the HTTP edge maps them to its own words.
 *
 * `malformed` covers everything that is not one strictly spelled compact JWS holding well-typed
 * claims, `crit` and `b64` headers included.
 */
export type TokenErrorReason =
  | 'malformed'
  | 'too_long'
  | 'unsupported_algorithm'
  | 'unknown_key'
  | 'bad_signature'
  | 'expired'
  | 'not_yet_valid'
  | 'wrong_type'
  | 'missing_exp'
  | 'missing_jti'
  | 'missing_type'
  | 'wrong_issuer'
  | 'wrong_audience'
  | 'no_session'
  | 'revoked'
  | 'stale_claims';

/**
 * An expected refusal of a token. The message never holds any part of the token or of a key,
 * and there is no stack: refusing must stay cheap during a flood of invalid tokens.
 *
 * @example
 * try {
 *   verifyToken(token, { keys, now: Date.now() / 1000 });
 * } catch (error) {
 *   if (!(error instanceof TokenError)) throw error;
 *   console.log(error.code, error.reason); // token_not_valid expired
 * }
 */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  /** The code of Django SimpleJWT for every refused token. */
  readonly code = 'token_not_valid';
  readonly reason: TokenErrorReason;

  constructor(reason: TokenErrorReason, message: string) {
    // Capturing a stack takes 1.8 of the 2.1 µs that making an error takes. Reflect.set, because a plain
    // assignment throws where intrinsics are frozen.
    const limit = Error.stackTraceLimit;
    Reflect.set(Error, 'stackTraceLimit', 0);
    super(message);
    Reflect.set(Error, 'stackTraceLimit', limit);
    this.reason = reason;
  }
}

/** Why a key was refused by `importJwk` or `importSecret`. */
export type KeyErrorReason =
  | 'malformed'
  | 'wrong_key_type'
  | 'wrong_algorithm'
  | 'wrong_use'
  | 'wrong_operations'
  | 'wrong_curve'
  | 'private_key'
  | 'bad_encoding'
  | 'bad_length'
  | 'bad_exponent'
  | 'bad_modulus'
  | 'bad_point'
  | 'weak_point'
  | 'too_short'
  | 'too_long';

/**
 * A key that must not be used: weak, misused or malformed. The message names the member at fault,
 * never its value.
 *
 * @example
 * try {
 *   importSecret('changeme');
 * } catch (error) {
 *   console.log(error instanceof KeyError && error.reason); // too_short
 * }
 */
export class KeyError extends Error {
  override readonly name = 'KeyError';
  readonly code = 'key_not_valid';
  readonly reason: KeyErrorReason;

  constructor(reason: KeyErrorReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** The part that a verifier lacks: keys, or the revocations. */
export type UnavailableReason = 'keys_unavailable' | 'revocations_unavailable';

/**
 * The issuer has been unreachable for too long, so the token cannot be judged. Respond with 503,
 * never 401, which would log users out. `cause` is the last failure, and the message repeats it.
 *
 * @example
 * const verifier = createVerifier({ jwksUrl: 'http://127.0.0.1:9/jwks.json' });
 * await verifier.ready().catch((error) => {
 *   console.log(error instanceof UnavailableError && error.reason); // keys_unavailable
 * });
 * verifier.close();
 */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
  readonly code = 'verifier_unavailable';
  readonly reason: UnavailableReason;

  constructor(reason: UnavailableReason, cause: unknown) {
    const detail = cause instanceof Error ? cause.message : 'nothing has been heard of the issuer';
    super(`Tokens cannot be verified now: ${detail}`, { cause });
    this.reason = reason;
  }
}
