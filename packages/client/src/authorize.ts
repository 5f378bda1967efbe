/** Requests with the Bearer header (RFC 6750 §2.1), which go where the token may go and nowhere else. */
import type { Fetch } from './calls.ts';
import { home } from './environment.ts';
import { GatepassError } from './errors.ts';
import { unlessAborted } from './limits.ts';
import { ageOf, type Tokens } from './tokens.ts';

type Deps = {
  /** Those that are known, or that the cookie is worth. */
  tokens: () => Promise<Tokens | undefined>;
  refresh: (stale: string) => Promise<Tokens>;
  now: () => number;
  /** Absolute, without a trailing slash. */
  url: string;
  /** Origins that may see the token, besides those of `url` and of the page. */
  origins: readonly string[];
};

/** Codes of a 401 that a refresh will either repair or confirm. */
const REFUSED = /"code": *"(token_not_valid|user_inactive|user_not_found)"/;

/** @returns a function that makes an authorized `fetch` of a bare one */
export function createAuthorize({ tokens, refresh, now, url, origins }: Deps) {
  const trusted = [url, home() ?? url, ...origins].map((each) => new URL(each).origin);

  function targetOf(address: string): string {
    const { origin, href } = new URL(
      /^\/(?!\/)/.test(address) ? url + address : address,
      `${url}/`,
    );
    if (!trusted.includes(origin)) throw new TypeError(`${origin} is not among origins`);
    return href;
  }

  return (send: Fetch): Fetch =>
    (input, init) => {
      const request = input instanceof Request ? input : undefined;
      const { signal } = { ...(request && { signal: request.signal }), ...init };
      return unlessAborted(signal, async () => {
        const target = targetOf(request?.url ?? String(input));
        const go = (token: string) => {
          // The caller has been told already.
          if (signal?.aborted) throw signal.reason;
          const headers = new Headers(init?.headers ?? request?.headers);
          headers.set('authorization', `Bearer ${token}`);
          return send(request?.clone() ?? target, { ...init, headers });
        };

        const known = await tokens();
        if (!known) throw new GatepassError('not_logged_in');
        let { access } = known;
        const age = ageOf(known, now());
        if (age === 'expired') access = (await refresh(access)).access;
        // Still valid: nothing waits for the new one. If it fails, the next request will tell.
        else if (age === 'ageing') refresh(access).catch(() => {});

        const response = await go(access);
        const body: object = Object(init?.body);
        const isRefused =
          response.status === 401 &&
          // A stream can be sent only once.
          !('getReader' in body || Symbol.asyncIterator in body) &&
          REFUSED.test(await response.clone().text().catch(String));
        return isRefused ? go((await refresh(access)).access) : response;
      });
    };
}
