import type { AccessClaims } from './access-claims.ts';
import { hasFactor, isDuration, isRecent } from './authentication.ts';
import { parseBearer } from './bearer.ts';
import { TokenError, UnavailableError } from './errors.ts';
import { type ExpectedClaim, hasClaim, requireMeant } from './has-claim.ts';
import type { Verifier } from './verifier.ts';

/** The part of a verifier that an adapter uses. */
export type AccessVerifier = Pick<Verifier, 'verify'>;

/** A response in the shapes of Gatepass; nothing in it comes from the request. */
export type Refused = {
  readonly status: 401 | 403 | 503;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly detail: string; readonly code?: string; readonly reason?: string };
};

const CHALLENGE = 'Bearer realm="api"';
// RFC 6750 §3.1: an error is named only where the request had credentials.
const INVALID = `${CHALLENGE}, error="invalid_token"`;
const unauthorized = (body: Refused['body'], challenge = INVALID): Refused => ({
  status: 401,
  headers: { 'www-authenticate': challenge, 'cache-control': 'no-store' },
  body,
});
const MISSING = unauthorized(
  { detail: 'Authentication credentials were not provided.' },
  CHALLENGE,
);
const MALFORMED = unauthorized({
  detail: 'Authorization header must contain two space-delimited values',
  code: 'bad_authorization_header',
});
// The token is good, and not enough.
const FORBIDDEN: Refused = {
  status: 403,
  headers: {
    'www-authenticate': `${CHALLENGE}, error="insufficient_scope"`,
    'cache-control': 'no-store',
  },
  body: {
    detail: 'You do not have permission to perform this action.',
    code: 'permission_denied',
  },
};
// RFC 9470 asks for a 401, which clients of SimpleJWT take for an invalid token: they would refresh it.
const insufficient = (body: Refused['body'], parameters = ''): Refused => ({
  status: 403,
  headers: {
    'www-authenticate': `${CHALLENGE}, error="insufficient_user_authentication"${parameters}`,
    'cache-control': 'no-store',
  },
  body,
});
const NO_FACTOR = insufficient({
  detail: 'Log in with a second factor first.',
  code: 'second_factor_required',
});
const notRecent = (minutes: number) =>
  insufficient(
    { detail: 'Confirm who you are first.', code: 'reauthentication_required' },
    `, max_age="${Math.floor(minutes * 60)}"`,
  );
const UNAVAILABLE: Refused = {
  status: 503,
  headers: { 'retry-after': '1', 'cache-control': 'no-store' },
  body: { detail: 'The token cannot be checked now. Try again.', code: 'unavailable' },
};

/** How a guard treats requests without a token. */
export type GuardOptions = {
  /**
   * Let requests without a token pass, default false; `optionalClaimsOf` then returns undefined. An invalid
   * token is still refused, so that clients notice when theirs has expired.
   */
  readonly optional?: boolean;
  /**
   * Required claims by name, at least one: a value, or one of several; a claim that is a list must contain
   * one. A valid token without them gets 403 `permission_denied`. None by default. Cannot be combined with `optional`.
   */
  readonly requireClaim?: Readonly<Record<string, ExpectedClaim>>;
  /**
   * The longest time since the user was last authenticated by a login with a second factor or a step-up:
   * a number of minutes above 0. Otherwise 403 `reauthentication_required`, with the `WWW-Authenticate` of
   * RFC 9470 §3. Not checked by default. Cannot be combined with `optional`.
   */
  readonly requireRecent?: number;
  /**
   * Only sessions with a second factor pass (`mfa` in `amr`, RFC 8176 §2); otherwise 403
   * `second_factor_required`. Default false. Cannot be combined with `optional`.
   */
  readonly requireFactor?: boolean;
};

/** As much of a request as a guard looks at. */
export type Presented = {
  readonly method: string;
  /** Whether there is an `Access-Control-Request-Method` header. */
  readonly asksForMethod: boolean;
  /** The `Authorization` header; several are refused, because the next reader may believe another one. */
  readonly authorization: string | readonly string[] | undefined;
};

/** Passes, with claims where it came with a token, or is refused. */
export type Judgement =
  | { readonly claims: AccessClaims | undefined }
  | { readonly refused: Refused };

const ANONYMOUS: Judgement = { claims: undefined };

/**
 * Makes what the adapters share: a function that says who sent a request (RFC 6750 §2.1), or with
 * what response to refuse it. A browser's preflight never has a token, so it passes.
 *
 * @throws {TypeError} for an unknown option, or a value that cannot be meant
 */
export function createGuard(verifier: AccessVerifier, options: GuardOptions = {}) {
  const { optional, refusalOf } = readOptions(options);

  return async ({ method, asksForMethod, authorization }: Presented): Promise<Judgement> => {
    if (method === 'OPTIONS' && asksForMethod) return ANONYMOUS;
    const [header, surplus] =
      typeof authorization === 'string' ? [authorization] : (authorization ?? []);
    const bearer = surplus === undefined ? parseBearer(header) : { refused: 'malformed' };
    if (!('token' in bearer)) {
      if (bearer.refused !== 'missing') return { refused: MALFORMED };
      return optional ? ANONYMOUS : { refused: MISSING };
    }
    try {
      const claims = await verifier.verify(bearer.token);
      const refused = refusalOf(claims);
      return refused ? { refused } : { claims };
    } catch (error) {
      if (error instanceof TokenError) {
        const { code, reason } = error;
        const detail = 'Given token not valid for any token type';
        return { refused: unauthorized({ detail, code, reason }) };
      }
      if (error instanceof UnavailableError) return { refused: UNAVAILABLE };
      throw error;
    }
  };
}

const MEANT: Readonly<Record<string, (value: unknown) => boolean>> = {
  optional: (value) => typeof value === 'boolean',
  requireClaim: (value) => isMap(value),
  requireRecent: isDuration,
  requireFactor: (value) => typeof value === 'boolean',
};

function readOptions(options: GuardOptions) {
  for (const [name, value] of Object.entries(options)) {
    if (!(Object.hasOwn(MEANT, name) && MEANT[name]?.(value)))
      throw new TypeError(
        `requireAccessToken knows no such option: "${name}" (booleans "optional" and "requireFactor", claims by name in "requireClaim", minutes in "requireRecent")`,
      );
  }
  const { optional = false, requireClaim = {}, requireRecent, requireFactor = false } = options;
  const required = Object.entries(requireClaim);
  for (const [name, expected] of required) requireMeant(name, expected);
  const [[needing] = []] = Object.entries(options).filter(
    ([name, value]) => name !== 'optional' && value,
  );
  if (optional && needing !== undefined)
    throw new TypeError(`"${needing}" needs a token, so it cannot stand beside "optional"`);

  /** Why a good token is not enough. */
  function refusalOf(claims: AccessClaims): Refused | undefined {
    if (!required.every(([name, expected]) => hasClaim(claims, name, expected))) return FORBIDDEN;
    if (requireFactor && !hasFactor(claims)) return NO_FACTOR;
    if (requireRecent !== undefined && !isRecent(claims, requireRecent))
      return notRecent(requireRecent);
    return undefined;
  }
  return { optional, refusalOf };
}

const isMap = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0;

/** A request as guards read it: `headers` of `node:http` keeps only the first `Authorization`. */
export const presentedBy = (
  method: string | undefined,
  rawHeaders: readonly string[],
): Presented => ({
  method: method ?? '',
  asksForMethod: allOf(rawHeaders, 'access-control-request-method').length > 0,
  authorization: allOf(rawHeaders, 'authorization'),
});

function allOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name);
}

/** Claims by request, out of reach of whatever else hangs properties on requests. */
export function createClaimsOf() {
  const claims = new WeakMap<object, AccessClaims>();
  return {
    set(request: object, found: AccessClaims | undefined): void {
      if (found) claims.set(request, found);
    },

    find: (request: object): AccessClaims | undefined => claims.get(request),

    get(request: object): AccessClaims {
      const found = claims.get(request);
      if (found) return found;
      throw new TypeError(
        'This request has no claims: requireAccessToken does not guard the route, or let it pass ' +
          'without a token (a preflight, "optional"): use optionalClaimsOf there',
      );
    },
  };
}
