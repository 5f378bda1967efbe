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
 * Creates middleware that lets requests with a valid access token and preflights pass. Others get 401, or
 * 503 if the verifier cannot decide.
 *
 * @example
 * const verifier = createVerifier({ secret });
 * const guard = requireAccessToken(verifier);
 * // app.get('/orders', guard, (request, response) => response.json(claimsOf(request).sub));
 * console.log(typeof guard, typeof claimsOf); // function function
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
 * The claims of the token that a guarded request came with.
 *
 * @throws {TypeError} if there was none: the route has no guard, or its guard is optional
 */
export const claimsOf = <Custom extends object = object>(request: object) =>
  claims.get(request) as AccessClaims<Custom>;

/** The same, or `undefined` if the request passed without a token. */
export const optionalClaimsOf = <Custom extends object = object>(request: object) =>
  claims.find(request) as AccessClaims<Custom> | undefined;
