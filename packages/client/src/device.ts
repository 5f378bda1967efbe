/**
 * `@gatepass/client/device`: the token of a known device, for clients that keep their tokens
 * themselves. With it the user can log in while an attacker uses up the account's attempts. With
 * `storage: 'cookie'` the browser does this by itself.
 */
import type { Fetch } from './calls.ts';
import { attempt, environment, home, isPage } from './environment.ts';
import type { Awaitable } from './storage.ts';

/** Where the token of the device is kept. The token logs in no user, so it stays when the user logs out. */
export type DeviceStorage = {
  /** @returns the value of the last `setItem`; `null` or `undefined` if there is none */
  getItem(key: string): Awaitable<string | null | undefined>;
  setItem(key: string, value: string): Awaitable<unknown>;
};

/** The options of `knownDevice`. Only `url` is required. */
export type DeviceOptions = {
  /** The `url` of the client. Only logins to this address carry the token. */
  readonly url: string;
  /**
   * Default: the page's `localStorage`; without a page, such as on a server, none, and then there is no
   * token. If the storage fails, the token is lost, not the login.
   */
  readonly storage?: DeviceStorage;
  /** Sends the requests. Default: the global `fetch`. */
  readonly fetch?: Fetch;
};

const KEY = 'gatepass-device';
const HEADER = 'X-Known-Device';

/**
 * Creates a `fetch` for `createClient` that makes this device known to the accounts that log in with it.
 *
 * @returns a function that rejects as `fetch` does; `fetch` itself where there is no storage
 * @throws {TypeError} if `url` is not a URL, or is relative without a page
 * @example
 * const url = 'https://id.example.com';
 * const client = createClient({ url, storage: 'local', fetch: knownDevice({ url }) });
 */
export function knownDevice(options: DeviceOptions): Fetch {
  const { fetch: send = (input, init) => fetch(input, init) } = options;
  const storage =
    options.storage ?? attempt(() => (isPage() ? environment.localStorage : undefined));
  if (!storage) return send;
  const login = `${new URL(options.url, home()).href.replace(/\/+$/, '')}/api/token`;
  const logins: readonly unknown[] = ['', '/second_factor', '/passkey'].map((path) => login + path);
  return async (input, init) => {
    if (!logins.includes(input)) return send(input, init);
    const headers = new Headers(init?.headers);
    headers.set(HEADER, (await quietly(() => storage.getItem(KEY))) || 'new');
    const response = await send(input, { ...init, headers });
    const next = response.headers.get(HEADER);
    if (next) await quietly(() => storage.setItem(KEY, next));
    return response;
  };
}

/** Browsers forbid their storage, or have no room. */
const quietly = async <T>(use: () => Awaitable<T>): Promise<T | undefined> => {
  try {
    return await use();
  } catch {
    return undefined;
  }
};
