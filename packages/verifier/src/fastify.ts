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
 * Creates an `onRequest` hook, for an app or a route, that lets requests with a valid access token and
 * preflights pass. Others get 401, or 503 if the verifier cannot decide.
 *
 * @example
 * const verifier = createVerifier({ secret });
 * const onRequest = requireAccessToken(verifier);
 * // app.get('/orders', { onRequest }, (request) => claimsOf(request).sub);
 * console.log(typeof onRequest, typeof claimsOf); // function function
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
 * The claims of the token that a guarded request came with.
 *
 * @throws {TypeError} if there was none: the route has no guard, or its guard is optional
 */
export const claimsOf = <Custom extends object = object>(request: object) =>
  claims.get(request) as AccessClaims<Custom>;

/** The same, or `undefined` if the request passed without a token. */
export const optionalClaimsOf = <Custom extends object = object>(request: object) =>
  claims.find(request) as AccessClaims<Custom> | undefined;
