/**
 * `@gatepass/client/server`: the login of one visitor, for a server that renders pages. Each call is of
 * one request; nothing is kept between calls, so visitors share nothing.
 */
import type { User } from './api.ts';
import type { Fetch } from './calls.ts';
import { deadline } from './limits.ts';

/** Milliseconds for a response of Gatepass: a page without a login is better than no page. */
const PATIENCE_MS = 5000;

/** The visitor of one request. */
export type Visit = {
  /** The account of the visitor; `undefined` = no login, or none that could be looked up. */
  readonly user: User | undefined;
  /** For requests to your API on behalf of the visitor. Never send it to the page. */
  readonly access: string | undefined;
  /** The `Set-Cookie` of Gatepass: send each on with the page. */
  readonly setCookies: readonly string[];
  /** Why nothing could be looked up: Gatepass did not respond, or with 5xx, 403 or 404. */
  readonly error?: unknown;
};

/** The options of `visit`. `url` and `origin` are required. */
export type VisitOptions = {
  /** Where this server reaches Gatepass, such as http://127.0.0.1:8000. */
  readonly url: string;
  /** The origin of the pages: that of GATEPASS_PUBLIC_URL, or one of GATEPASS_COOKIE_ORIGINS. */
  readonly origin: string;
  /** Sends the requests. Default: the global `fetch`. */
  readonly fetch?: Fetch;
};

/**
 * Looks up the visitor who requests a page, by the cookie of the request. Without a cookie it sends no
 * request; otherwise at most two, and waits at most 5 seconds for each response.
 *
 * @param request of the page; only its `headers` are read
 * @returns never rejects: a page can be rendered without a login
 * @example
 * const request = new Request('https://app.example.com/');
 * const { user, setCookies } = await visit(request, { url, origin: 'https://app.example.com' });
 * console.log(user, setCookies);
 */
export async function visit(
  { headers: asked }: { readonly headers: Headers },
  { url, origin, fetch: send = fetch }: VisitOptions,
): Promise<Visit> {
  const anonymous = { user: undefined, access: undefined, setCookies: [] };
  const cookies = asked.get('cookie')?.split(/; */) ?? [];
  const cookie = cookies.filter((pair) => /^(__Host-)?gatepass=/.test(pair)).join('; ');
  if (!cookie) return anonymous;

  // The service tells two clients of a session apart by these.
  const headers = new Headers();
  for (const name of ['user-agent', 'x-forwarded-for', 'accept-language']) {
    const value = asked.get(name);
    if (value) headers.set(name, value);
  }
  const ask = async (path: string, more: Record<string, string>, method?: 'POST') => {
    const all = new Headers([...headers, ...Object.entries(more)]);
    const signal = deadline(PATIENCE_MS);
    const response = await send(new URL(path, url), {
      ...(method && { method }),
      headers: all,
      signal,
    });
    // A 401 is a visitor without a login.
    if (!response.ok && response.status !== 401)
      throw new Error(`Gatepass responded to ${path} with ${response.status}`);
    return { body: (await response.json()) as unknown, headers: response.headers, ok: response.ok };
  };

  let setCookies: readonly string[] = [];
  try {
    const renewed = await ask('/api/session/refresh', { cookie, origin }, 'POST');
    setCookies = renewed.headers.getSetCookie();
    if (!renewed.ok) return { ...anonymous, setCookies };
    const { access } = renewed.body as { access: string };
    const me = await ask('/api/users/me', { authorization: `Bearer ${access}` });
    return me.ok ? { user: me.body as User, access, setCookies } : { ...anonymous, setCookies };
  } catch (error) {
    return { ...anonymous, setCookies, error };
  }
}
