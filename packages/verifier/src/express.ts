import type { AccessClaims } from './access-claims.ts';
import {
  type AccessVerifier,
  createClaimsOf,
  createGuard,
  type GuardOptions,
  presentedBy,
} from './guard.ts';

// As much of Express 4 and 5 as is needed: no dependency at run time, none on @types/express.
type Request = { readonly method: string; readonly rawHeaders: string[] };
type Response = {
  status(code: number): { set(headers: Record<string, string>): { json(body: object): unknown } };
};
type Next = (error?: unknown) => void;

const claims = createClaimsOf();

/**
 * Creates middleware that lets requests with a valid access token (RFC 6750 §2.1) and preflights pass.
 * Others get 401; 403 if an option requires more of a valid token; 503 if the verifier cannot decide.
 *
 * @param verifier from `createVerifier`
 * @param options see `GuardOptions`; without any, each request needs a valid access token
 * @throws {TypeError} for an unknown option, or an option with an invalid value
 * @example
 * const verifier = createVerifier({ secret });
 * app.get('/orders', requireAccessToken(verifier), (request, response) => {
 *   response.json({ user: claimsOf(request).sub });
 * });
 */
export function requireAccessToken(verifier: AccessVerifier, options?: GuardOptions) {
  const judge = createGuard(verifier, options);
  return (request: Request, response: Response, next: Next): void => {
    judge(presentedBy(request.method, request.rawHeaders))
      .then((result) => {
        if ('refused' in result) {
          const { status, headers, body } = result.refused;
          response
            .status(status)
            .set({ ...headers })
            .json(body);
          return;
        }
        claims.set(request, result.claims);
        next();
      })
      .catch(next);
  };
}

/**
 * Returns the claims of the token that a guarded request came with.
 *
 * @typeParam Custom the claims that the issuer's operator sets, such as `{ role?: string }`
 * @throws {TypeError} without a token: the route has no guard, its guard is optional, or it is a preflight
 * @example
 * app.get('/me', requireAccessToken(verifier), (request, response) => {
 *   response.json({ role: claimsOf<{ role?: string }>(request).role });
 * });
 */
export const claimsOf = <Custom extends object = object>(request: object) =>
  claims.get(request) as AccessClaims<Custom>;

/**
 * Returns the claims of the token, or `undefined` if the request passed without a token.
 *
 * @typeParam Custom the claims that the issuer's operator sets, such as `{ role?: string }`
 * @example
 * app.get('/', requireAccessToken(verifier, { optional: true }), (request, response) => {
 *   response.json({ user: optionalClaimsOf(request)?.sub });
 * });
 */
export const optionalClaimsOf = <Custom extends object = object>(request: object) =>
  claims.find(request) as AccessClaims<Custom> | undefined;
