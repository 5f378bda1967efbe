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
 * An `onRequest` hook, for an app or for a route, that lets requests with a good access token pass,
 * and preflights, and refuses the others: 401, or 503 when the verifier cannot tell.
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
 * @throws {TypeError} when there was none: the route has no guard, or lets requests without pass
 */
export const claimsOf = <Custom extends object = object>(request: object) =>
  claims.get(request) as AccessClaims<Custom>;

/** The same, or `undefined` where the request passed without a token. */
export const optionalClaimsOf = <Custom extends object = object>(request: object) =>
  claims.find(request) as AccessClaims<Custom> | undefined;
