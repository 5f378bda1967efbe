/** The requests that open, continue and end a session: with a pair of tokens, or with the cookie. */
import type { Calls } from './calls.ts';
import { isPage } from './environment.ts';

export type Exchanges = ReturnType<typeof createExchanges>;

/** @param isCookie the refresh token is in a cookie, which the browser sends and no script sees */
export function createExchanges(call: Calls['call'], isCookie: boolean) {
  const path = isCookie ? '/api/session' : '/api/token';
  const credentials = isCookie ? ({ credentials: 'include' } as const) : {};
  const send = (method: string, subpath: string, refresh: string, keepalive = false) =>
    call(method, path + subpath, refresh ? { refresh } : undefined, {
      ...credentials,
      keepalive,
      denied: 'session_ended',
    });
  return {
    open(body: object) {
      // The login of one visitor of a server would be that of all.
      if (isCookie && !isPage()) throw new TypeError("'cookie' needs a page");
      return call('POST', path, body, { ...credentials, denied: 'invalid_credentials' });
    },

    /** @param refresh '' where it is in the cookie */
    renew: (refresh: string) => send('POST', '/refresh', refresh),

    end: (refresh: string) =>
      isCookie ? send('DELETE', '', '', true) : send('POST', '/blacklist', refresh, true),
  };
}
