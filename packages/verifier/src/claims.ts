import { TokenError } from './errors.ts';
import { parseJsonObject } from './json.ts';

/** Requirements for a token's claims. */
export type ClaimOptions = {
  /** The current time: seconds since 1970, fractions allowed. */
  readonly now: number;
  /** Accepted values of `token_type`; not checked by default. */
  readonly tokenType?: string | readonly string[];
  /** The exact `iss`; not checked by default. */
  readonly issuer?: string;
  /** A value that `aud` must equal or contain; not checked by default. */
  readonly audience?: string;
  /** Clock skew allowed for `nbf` and `iat`: 0 to 300 seconds, default 5. `exp` is exact. */
  readonly leeway?: number;
};

/** Claims that passed `validateClaims`; the others are as the issuer wrote them. */
export type TokenClaims = Readonly<Record<string, unknown>> & {
  /** When the token expires, epoch seconds. */
  readonly exp: number;
  /** The token's own id. */
  readonly jti: string;
  /** When the token was issued, epoch seconds. */
  readonly iat?: number;
  /** When the token begins to be valid, epoch seconds. */
  readonly nbf?: number;
};

type Claims = Readonly<Record<string, unknown>>;

const DEFAULT_LEEWAY = 5;
const MAX_LEEWAY = 300;
// The last second of the year 9999: later ones are not dates in most libraries, Python's included.
const MAX_EXP = 253402300799;

/**
 * Reads a JWT claims set (RFC 7519 §4): a JSON object in UTF-8 without a byte order mark, at most
 * 32 levels deep, no member name twice.
 *
 * @param payload the payload returned by `verifyCompactJws`
 * @throws {TokenError} `malformed`
 * @example
 * const claims = parseClaims(Buffer.from('{"exp":1800000000,"jti":"a"}'));
 */
export function parseClaims(payload: Uint8Array): Record<string, unknown> {
  return parseJsonObject(payload, 'payload');
}

/**
 * Checks claims (RFC 7519 §4.1). Pure: the time is an argument. The first fault is reported, in
 * the order `iat`, `nbf`, `exp`, `iss`, `aud`, `jti`, `token_type` (Django SimpleJWT's).
 *
 * `exp` (seconds) and `jti` (a string) are required; `exp <= now` is expired. Times must be finite
 * numbers, `exp` at most 253402300799.
 *
 * @param claims from `parseClaims`; only own members count
 * @param options see `ClaimOptions`
 * @returns the same object, typed
 * @throws {TokenError} `malformed`, `not_yet_valid`, `expired`, `missing_exp`, `wrong_issuer`,
 *   `wrong_audience`, `missing_jti`, `missing_type` or `wrong_type`
 * @throws {TypeError} if `now` is not a finite number, or `leeway` is not 0 to 300
 * @example
 * const claims = { exp: 1800000000, jti: 'a', token_type: 'access' };
 * validateClaims(claims, { now: 1799999999, tokenType: 'access' });
 */
export function validateClaims(claims: Claims, options: ClaimOptions): TokenClaims {
  const { now, tokenType, issuer, audience, leeway = DEFAULT_LEEWAY } = options;
  // Every comparison with NaN is false: it would switch expiry off.
  if (!Number.isFinite(now)) throw new TypeError('now is a finite number of seconds');
  if (!(leeway >= 0 && leeway <= MAX_LEEWAY)) throw new TypeError('leeway is 0 to 300 seconds');

  requireStarted(claims, 'iat', now + leeway);
  requireStarted(claims, 'nbf', now + leeway);
  requireUnexpired(claims, now);
  if (issuer !== undefined && own(claims, 'iss') !== issuer) {
    throw new TokenError('wrong_issuer', 'The issuer is not the expected one');
  }
  if (audience !== undefined && !isAudience(own(claims, 'aud'), audience)) {
    throw new TokenError('wrong_audience', 'The audience is not the expected one');
  }
  requireId(claims);
  if (tokenType !== undefined) requireType(claims, tokenType);
  return claims;
}

// Own members only: a polluted Object.prototype must not supply claims.
function own(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}

function timeOf(claims: Claims, name: string): number | undefined {
  if (!Object.hasOwn(claims, name)) return undefined;
  const value = claims[name];
  // JSON.parse reads 1e400 as Infinity.
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new TokenError('malformed', `"${name}" is not a finite number`);
}

function requireStarted(claims: Claims, name: 'iat' | 'nbf', latest: number): void {
  const time = timeOf(claims, name);
  if (time !== undefined && time > latest) {
    throw new TokenError('not_yet_valid', `"${name}" is in the future`);
  }
}

function requireUnexpired(claims: Claims, now: number): void {
  const exp = timeOf(claims, 'exp');
  if (exp === undefined) throw new TokenError('missing_exp', 'The token has no "exp"');
  if (exp > MAX_EXP) throw new TokenError('malformed', '"exp" is after the year 9999');
  if (exp <= now) throw new TokenError('expired', 'The token has expired');
}

function isAudience(aud: unknown, audience: string): boolean {
  if (!Array.isArray(aud)) return aud === audience;
  return aud.every((value) => typeof value === 'string') && aud.includes(audience);
}

function requireId(claims: Claims): asserts claims is TokenClaims {
  if (!Object.hasOwn(claims, 'jti')) throw new TokenError('missing_jti', 'The token has no "jti"');
  if (typeof claims['jti'] !== 'string') throw new TokenError('malformed', '"jti" is not a string');
}

function requireType(claims: Claims, accepted: string | readonly string[]): void {
  if (!Object.hasOwn(claims, 'token_type')) {
    throw new TokenError('missing_type', 'The token has no "token_type"');
  }
  const type = claims['token_type'];
  const isAccepted =
    typeof accepted === 'string'
      ? type === accepted
      : typeof type === 'string' && accepted.includes(type);
  if (!isAccepted) throw new TokenError('wrong_type', 'The token is of another type');
}
