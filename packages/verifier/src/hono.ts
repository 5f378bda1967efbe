import type { AccessClaims } from './access-claims.ts';
import { type AccessVerifier, createClaimsOf, createGuard, type GuardOptions } from './guard.ts';

// As much of Hono 4 as is needed: no dependency at run time.
type Context = { readonly req: { readonly raw: Request } };
type Next = () => Promise<void>;

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
 * app.get('/orders', requireAccessToken(verifier), (c) => c.json({ user: claimsOf(c).sub }));
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
 * Returns the claims of the token that a guarded request came with.
 *
 * @typeParam Custom the claims that the issuer's operator sets, such as `{ role?: string }`
 * @throws {TypeError} without a token: the route has no guard, its guard is optional, or it is a preflight
 * @example
 * const guard = requireAccessToken(verifier);
 * app.get('/me', guard, (c) => c.json(claimsOf<{ role?: string }>(c).role ?? 'no role'));
 */
export const claimsOf = <Custom extends object = object>(context: object) =>
  claims.get(context) as AccessClaims<Custom>;

/**
 * Returns the claims of the token, or `undefined` if the request passed without a token.
 *
 * @typeParam Custom the claims that the issuer's operator sets, such as `{ role?: string }`
 * @example
 * const guard = requireAccessToken(verifier, { optional: true });
 * app.get('/', guard, (c) => c.json(optionalClaimsOf(c)?.sub ?? 'a guest'));
 */
export const optionalClaimsOf = <Custom extends object = object>(context: object) =>
  claims.find(context) as AccessClaims<Custom> | undefined;
