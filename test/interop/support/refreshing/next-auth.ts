/**
 * next-auth's recipe "Refresh token rotation" in a Next.js application, without Next.js: the session
 * is a cookie in the browser. A route handler can set it, a server component cannot.
 */
import { claimsOf } from '../../../../packages/server/test/support/service.ts';
import type { Tokens } from './slow-service.ts';

type Cookie = Tokens & { readonly error?: 'RefreshTokenError' };
type Options = { readonly url: string; readonly now: () => number };

/** The `jwt` callback: as long as the access token lives it is used, then it is refreshed. */
async function jwtCallback(token: Cookie, { url, now }: Options): Promise<Cookie> {
  if (now() < Number(claimsOf(token.access)['exp']) * 1000) return token;
  try {
    const response = await fetch(`${url}/api/token/refresh`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refresh: token.refresh }),
    });
    if (!response.ok) throw new Error(`${response.status}`);
    return { ...token, ...((await response.json()) as Tokens) };
  } catch {
    return { ...token, error: 'RefreshTokenError' };
  }
}

/** A browser with such an application. */
export function createNextApp(tokens: Tokens, options: Options) {
  let cookie: Cookie = tokens;
  return {
    /** A page whose server component calls `getServerSession`: what it gets is lost. */
    async page(): Promise<boolean> {
      return (await jwtCallback(cookie, options)).error === undefined;
    },
    /** `GET /api/auth/session`, as the browser calls it on focus. */
    async session(): Promise<boolean> {
      const next = await jwtCallback(cookie, options);
      cookie = next;
      return next.error === undefined;
    },
    tokens: (): Tokens => cookie,
  };
}
