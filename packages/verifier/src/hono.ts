import type { AccessClaims } from './access-claims.ts';
import { type AccessVerifier, createClaimsOf, createGuard, type GuardOptions } from './guard.ts';

// As much of Hono 4 as is needed: no dependency at run time.
type Context = { readonly req: { readonly raw: Request } };
type Next = () => Promise<void>;

const claims = createClaimsOf();

/**
 * Creates middleware that lets requests with a valid access token and preflights pass. Others get 401, or
 * 503 if the verifier cannot decide.
 *
 * @example
 * const verifier = createVerifier({ secret });
 * const guard = requireAccessToken(verifier);
 * // app.get('/orders', guard, (c) => c.json(claimsOf(c).sub));
 * console.log(typeof guard, typeof claimsOf); // function function
 */
export function requireAccessToken(verifier: AccessVerifier, options?: GuardOptions) {
  const judge = createGuard(verifier, options);
  return async (context: Context, next: Next): Promise<Response | undefined> => {
    const { method, headers } = context.req.raw;
    const result = await judge({
      method,
      asksForMethod: headers.has('access-control-request-method'),
      // Of several headers `get` makes one with a comma, which is not one word after Bearer.
      authorization: headers.get('authorization') ?? undefined,
    });
    if ('refused' in result) {
      const { status, headers, body } = result.refused;
      return Response.json(body, { status, headers });
    }
    claims.set(context, result.claims);
    await next();
    return undefined;
  };
}

/**
 * The claims of the token that a guarded request came with.
 *
 * @throws {TypeError} if there was none: the route has no guard, or its guard is optional
 */
export const claimsOf = <Custom extends object = object>(context: object) =>
  claims.get(context) as AccessClaims<Custom>;

/** The same, or `undefined` if the request passed without a token. */
export const optionalClaimsOf = <Custom extends object = object>(context: object) =>
  claims.find(context) as AccessClaims<Custom> | undefined;
