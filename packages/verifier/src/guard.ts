import type { AccessClaims } from './access-claims.ts';
import { parseBearer } from './bearer.ts';
import { TokenError, UnavailableError } from './errors.ts';
import type { Verifier } from './verifier.ts';

/** What an adapter needs of a verifier. */
export type AccessVerifier = Pick<Verifier, 'verify'>;

/** An answer in the shapes of Gatepass; nothing in it comes from the request. */
export type Refused = {
  readonly status: 401 | 503;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly detail: string; readonly code?: string; readonly reason?: string };
};

const unauthorized = (body: Refused['body']): Refused => ({
  status: 401,
  headers: { 'www-authenticate': 'Bearer realm="api"', 'cache-control': 'no-store' },
  body,
});
const MISSING = unauthorized({ detail: 'Authentication credentials were not provided.' });
const MALFORMED = unauthorized({
  detail: 'Authorization header must contain two space-delimited values',
  code: 'bad_authorization_header',
});
const UNAVAILABLE: Refused = {
  status: 503,
  headers: { 'retry-after': '1', 'cache-control': 'no-store' },
  body: { detail: 'The token cannot be checked now. Try again.', code: 'unavailable' },
};

/**
 * Who sent a request (RFC 6750 §2.1), or the answer to refuse it with. What the adapters share.
 *
 * @param authorization the `Authorization` header; several are refused, because the next reader
 *   may believe another one
 */
export async function authenticate(
  verifier: AccessVerifier,
  authorization: string | readonly string[] | undefined,
): Promise<{ readonly claims: AccessClaims } | { readonly refused: Refused }> {
  const [header, surplus] =
    typeof authorization === 'string' ? [authorization] : (authorization ?? []);
  const bearer = surplus === undefined ? parseBearer(header) : { refused: 'malformed' };
  if (!('token' in bearer)) return { refused: bearer.refused === 'missing' ? MISSING : MALFORMED };
  try {
    return { claims: await verifier.verify(bearer.token) };
  } catch (error) {
    if (error instanceof TokenError) {
      const { code, reason } = error;
      const detail = 'Given token not valid for any token type';
      return { refused: unauthorized({ detail, code, reason }) };
    }
    if (error instanceof UnavailableError) return { refused: UNAVAILABLE };
    throw error;
  }
}

/** All values of a header of `node:http`, whose `headers` keeps but the first `Authorization`. */
export function allOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name);
}

/** Claims by request, out of reach of whatever else hangs properties on requests. */
export function createClaimsOf() {
  const claims = new WeakMap<object, AccessClaims>();
  return {
    set: (request: object, found: AccessClaims): void => void claims.set(request, found),

    get(request: object): AccessClaims {
      const found = claims.get(request);
      if (!found) throw new TypeError('This route is not guarded by requireAccessToken');
      return found;
    },
  };
}
