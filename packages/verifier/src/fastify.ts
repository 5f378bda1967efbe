import type { AccessClaims } from './access-claims.ts';
import {
  type AccessVerifier,
  createClaimsOf,
  createGuard,
  type GuardOptions,
  presentedBy,
} from './guard.ts';

// As much of Fastify 5 as is needed: no dependency at run time.
type Request = {
  readonly raw: { readonly method?: string | undefined; readonly rawHeaders: string[] };
};
type Reply = {
  code(status: number): {
    headers(values: Record<string, string>): { send(body: object): unknown };
  };
};

const claims = createClaimsOf();

/**
 * Creates an `onRequest` hook, for an app or a route, that lets requests with a valid access token
 * (RFC 6750 §2.1) and preflights pass. Others get 401; 403 if an option requires more of a valid token;
 * 503 if the verifier cannot decide.
 *
 * @param verifier from `createVerifier`
 * @param options see `GuardOptions`; without any, each request needs a valid access token
 * @throws {TypeError} for an unknown option, or an option with an invalid value
 * @example
 * const verifier = createVerifier({ secret });
 * const onRequest = requireAccessToken(verifier);
 * app.get('/orders', { onRequest }, (request) => ({ user: claimsOf(request).sub }));
 */
export function requireAccessToken(verifier: AccessVerifier, options?: GuardOptions) {
  const judge = createGuard(verifier, options);
  return async (request: Request, reply: Reply): Promise<unknown> => {
    const result = await judge(presentedBy(request.raw.method, request.raw.rawHeaders));
    if ('claims' in result) {
      claims.set(request, result.claims);
      return undefined;
    }
    const { status, headers, body } = result.refused;
    return reply
      .code(status)
      .headers({ ...headers })
      .send(body);
  };
}

/**
 * Returns the claims of the token that a guarded request came with.
 *
 * @typeParam Custom the claims that the issuer's operator sets, such as `{ role?: string }`
 * @throws {TypeError} without a token: the route has no guard, its guard is optional, or it is a preflight
 * @example
 * const onRequest = requireAccessToken(verifier);
 * app.get('/me', { onRequest }, (request) => claimsOf<{ role?: string }>(request).role ?? 'no role');
 */
export const claimsOf = <Custom extends object = object>(request: object) =>
  claims.get(request) as AccessClaims<Custom>;

/**
 * Returns the claims of the token, or `undefined` if the request passed without a token.
 *
 * @typeParam Custom the claims that the issuer's operator sets, such as `{ role?: string }`
 * @example
 * const onRequest = requireAccessToken(verifier, { optional: true });
 * app.get('/', { onRequest }, (request) => optionalClaimsOf(request)?.sub ?? 'a guest');
 */
export const optionalClaimsOf = <Custom extends object = object>(request: object) =>
  claims.find(request) as AccessClaims<Custom> | undefined;
