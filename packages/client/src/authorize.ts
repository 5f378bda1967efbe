/** Requests with the Bearer header (RFC 6750 §2.1), which go where the token may go and nowhere else. */
import type { Fetch } from './calls.ts';
import { home } from './environment.ts';
import { GatepassError } from './errors.ts';
import { unlessAborted } from './limits.ts';
import type { SessionHolder } from './session.ts';
import { ageOf, type Tokens } from './tokens.ts';

type Deps = {
  session: SessionHolder;
  refresh: (stale: string) => Promise<Tokens>;
  now: () => number;
  /** Absolute, without a trailing slash. */
  url: string;
  /** Origins that may see the token, besides those of `url` and of the page. */
  origins: readonly string[];
};

/** Codes of a 401 that a refresh will either mend or confirm. */
const REFUSED = /^(token_not_valid|user_inactive|user_not_found)$/;

/** @returns a function that makes an authorized `fetch` of a bare one */
export function createAuthorize({ session, refresh, now, url, origins }: Deps) {
  const trusted = new Set([url, home() ?? url, ...origins].map((each) => new URL(each).origin));

  function targetOf(input: string | URL | Request): string {
    const address = input instanceof Request ? input.url : String(input);
    const target = new URL(/^\/(?!\/)/.test(address) ? url + address : address, `${url}/`);
    if (!trusted.has(target.origin)) throw new TypeError(`${target.origin} is not among origins`);
    return target.href;
  }

  async function authorized(
    send: Fetch,
    input: string | URL | Request,
    init: RequestInit | undefined,
    signal: AbortSignal | null | undefined,
  ) {
    const target = targetOf(input);
    const request = input instanceof Request ? input : undefined;
    const go = (token: string) => {
      // The caller has been told already.
      if (signal?.aborted) throw signal.reason;
      const headers = new Headers(init?.headers ?? request?.headers);
      headers.set('authorization', `Bearer ${token}`);
      return send(request?.clone() ?? target, { ...init, headers });
    };

    const tokens = await session.read();
    if (!tokens) throw new GatepassError('not_logged_in');
    let { access } = tokens;
    const age = ageOf(tokens, now());
    if (age === 'expired') access = (await refresh(access)).access;
    // Still good: nothing waits for the new one. If it fails, the next request will tell.
    else if (age === 'ageing') refresh(access).catch(() => {});

    const response = await go(access);
    if (response.status !== 401 || isOnce(init?.body) || !(await isTokenRefused(response)))
      return response;
    return go((await refresh(access)).access);
  }

  return (send: Fetch): Fetch =>
    (input, init) => {
      const { signal } = { ...(input instanceof Request && { signal: input.signal }), ...init };
      return unlessAborted(signal, () => authorized(send, input, init, signal));
    };
}

async function isTokenRefused(response: Response): Promise<boolean> {
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  return REFUSED.test(String({ ...(body as { code?: unknown } | undefined) }.code));
}

/** A stream can be sent only once. */
function isOnce(body: unknown): boolean {
  const source: object = Object(body);
  return 'getReader' in source || Symbol.asyncIterator in source;
}
