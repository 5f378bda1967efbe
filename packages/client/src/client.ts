import type { Client, Session, User } from './api.ts';
import { createAuthorize } from './authorize.ts';
import { createCalls, type Fetch, persist } from './calls.ts';
import { home, isPage } from './environment.ts';
import { GatepassError, hasCode } from './errors.ts';
import { type ClientOptions, requireUsable } from './options.ts';
import { createRefresh, received } from './refresh.ts';
import { shareRequests } from './requests.ts';
import { createSessionHolder } from './session.ts';
import { openStore } from './storage.ts';
import { sessionIdOf } from './tokens.ts';

/**
 * A client of one Gatepass: log in once, `fetch` with a token that is always good.
 *
 * @throws {TypeError} for an unknown or unusable option; `url` is relative in a page only
 * @example
 * const client = createClient({ url });
 * await client.login('alice@example.com', 'correct horse 9 battery');
 * const response = await client.fetch('/api/users/me');
 * console.log(response.status, client.isLoggedIn); // 200 true
 */
export function createClient(options: ClientOptions): Client {
  requireUsable(options);
  const { storage = 'memory', origins = [], timeout = 10_000, now = Date.now } = options;
  const url = new URL(options.url, home()).href.replace(/\/+$/, '');
  const key = `gatepass:${url}`;
  const { channel = isPage() ? key : false } = options;
  const bare: Fetch = options.fetch ?? ((input, init) => fetch(input, init));

  const session = createSessionHolder(openStore(storage, key), channel);
  const { timed, call } = createCalls(url, bare, timeout);
  const refresh = createRefresh({ session, call, now });
  const authorize = createAuthorize({ session, refresh, now, url, origins });
  const send = authorize(timed);
  const authorized = (method: string, path: string, body?: object) =>
    call(method, path, body, { send });

  const client: Client = {
    get isLoggedIn() {
      return session.isLoggedIn();
    },

    register: async (email, password) =>
      (await call('POST', '/api/users', { email, password })) as User,

    async login(email, password) {
      const at = now();
      const denied = 'invalid_credentials';
      const answer = await call('POST', '/api/token', { email, password }, { denied });
      await session.save(received(answer, at), 'login');
    },

    async logout() {
      const tokens = await session.read();
      await session.clear('logout');
      if (!tokens) return;
      const { refresh } = tokens;
      const extras = { denied: 'session_ended', keepalive: true } as const;
      try {
        await persist(() => call('POST', '/api/token/blacklist', { refresh }, extras));
      } catch (error) {
        // It had ended already.
        if (!hasCode(error, 'session_ended')) throw error;
      }
    },

    user: async () => (await authorized('GET', '/api/users/me')) as User,

    fetch: authorize(bare),

    async changePassword(current_password, new_password) {
      const at = now();
      const passwords = { current_password, new_password };
      const answer = await authorized('POST', '/api/users/me/password', passwords);
      await session.save(received(answer, at), 'login');
    },

    sessions: async () =>
      ((await authorized('GET', '/api/sessions')) as { sessions: Session[] }).sessions,

    async endSession(id) {
      try {
        await authorized('DELETE', `/api/sessions/${encodeURIComponent(id)}`);
      } catch (error) {
        if (error instanceof GatepassError && error.status === 404) return false;
        throw error;
      }
      if (id === sessionIdOf(await session.read())) await session.clear('logout');
      return true;
    },

    async endSessions(scope, currentPassword) {
      const body =
        currentPassword === undefined ? undefined : { current_password: currentPassword };
      await authorized('DELETE', `/api/sessions?scope=${scope}`, body);
      if (scope === 'all') await session.clear('logout');
    },

    onChange: session.listen,

    close: session.close,
  };
  return shareRequests(client, { call, authorized });
}
