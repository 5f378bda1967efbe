import type { Client, User } from './api.ts';
import { createAuthorize } from './authorize.ts';
import { createCalls, type Fetch, persist } from './calls.ts';
import { home, isPage } from './environment.ts';
import { hasCode } from './errors.ts';
import { createExchanges } from './exchanges.ts';
import { type ClientOptions, requireUsable } from './options.ts';
import { insides } from './parts.ts';
import { createRefresh, received } from './refresh.ts';
import { createSessionHolder } from './session.ts';
import type { Tokens } from './tokens.ts';

/** The address of a page that a server renders: its client has no cookie, and sends nothing. */
const NOWHERE = 'http://localhost';

/** That a session has ended already is no failure of what ends or looks for one. */
const unlessEnded = (error: unknown): undefined => {
  if (!hasCode(error, 'session_ended')) throw error;
};

/**
 * Creates a client of one Gatepass: log in once, `fetch` with a token that is always valid.
 *
 * @param options `url`, and what differs from the defaults: see `ClientOptions`
 * @throws {TypeError} for an unknown or unusable option; `url` is relative in a page only
 * @example
 * const client = createClient({ url });
 * await client.login('alice@example.com', 'correct horse 9 battery');
 * const response = await client.fetch('/api/users/me');
 * console.log(response.status, client.isLoggedIn); // 200 true
 */
export function createClient(options: ClientOptions): Client {
  const {
    storage = 'memory',
    origins = [],
    timeout = 10_000,
    now = Date.now,
  } = Object(options) as ClientOptions;
  const isCookie = storage === 'cookie';
  const base = home() ?? (isCookie ? NOWHERE : undefined);
  requireUsable(options, base);
  const url = new URL(options.url, base).href.replace(/\/+$/, '');
  const key = `gatepass:${url}`;
  const { channel = isPage() ? key : false } = options;
  const bare: Fetch = options.fetch ?? ((input, init) => fetch(input, init));

  const session = createSessionHolder(storage, key, channel);
  const { timed, call } = createCalls(url, bare, timeout);
  const { open, renew, end } = createExchanges(call, isCookie);
  const refresh = createRefresh(session, renew, now);

  async function tokens(): Promise<Tokens | undefined> {
    const known = await session.read();
    if (known || !isCookie || !isPage() || !session.isNew()) return known;
    // No script can see whether there is a cookie: the service can.
    return refresh('').catch(unlessEnded);
  }

  const authorize = createAuthorize({ tokens, refresh, now, url, origins });
  const send = authorize(timed);
  const ready = tokens().then(session.isLoggedIn, session.isLoggedIn);

  const client: Client = {
    get isLoggedIn() {
      return session.isLoggedIn();
    },

    ready,

    register: async (email, password) =>
      (await call('POST', '/api/users', { email, password })) as User,

    async login(email, password, code) {
      const run = async () =>
        session.save(
          await received(now(), open({ email, password, code }), isCookie ? '' : undefined),
          'login',
        );
      // A refresh of the cookie before this one, refused late, would clear the new one.
      await (isCookie ? session.inTurn(run) : run());
    },

    async logout() {
      const known = await session.read();
      await session.clear('logout');
      if (known || isCookie) await persist(() => end(known?.refresh ?? '')).catch(unlessEnded);
    },

    user: async () => (await call('GET', '/api/users/me', undefined, { send })) as User,

    fetch: authorize(bare),

    onChange: session.listen,

    close: session.close,
  };
  insides.set(client, { call, timed, send, session, now, isCookie });
  return client;
}
