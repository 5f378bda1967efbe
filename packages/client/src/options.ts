import type { Fetch } from './calls.ts';
import { attempt } from './environment.ts';
import type { TokenStorage } from './storage.ts';

/** The options of `createClient`. Only `url` is required. */
export type ClientOptions = {
  /** The address of Gatepass. In a page it may be relative: `/` is the page's own origin. */
  readonly url: string;
  /**
   * The storage of the tokens. `memory` (the default): until the last tab is closed, and unreadable for
   * scripts that read storage. `session`: survives a reload. `local`: survives a restart of the browser.
   * `cookie`: the refresh token is in a cookie that no script can read. Without a page (on a server), or
   * if the browser forbids its storage or it is full, `session` and `local` mean `memory`.
   */
  readonly storage?: 'memory' | 'local' | 'session' | 'cookie' | TokenStorage;
  /**
   * The name under which tabs find each other to share one login and one refresh; `false` shares
   * nothing. Default: one name per `url` in a page, `false` elsewhere. On a server, clients of
   * different users must never share a name.
   */
  readonly channel?: string | false;
  /**
   * Origins that `fetch` may send the access token to, such as `https://api.example.com`, besides
   * those of `url` and of the page. Default none.
   */
  readonly origins?: readonly string[];
  /**
   * Milliseconds to wait for a response of the service: 1 to 2,147,483,647, default 10,000. Does not limit
   * `client.fetch`.
   */
  readonly timeout?: number;
  /** Sends the requests. Default: the global `fetch`. */
  readonly fetch?: Fetch;
  /** This device's clock, epoch milliseconds. Default `Date.now`. For tests. */
  readonly now?: () => number;
};

/** An unusable value is one for which its rule throws or is falsy: values are what callers claim they are. */
type Rules = {
  readonly [Name in keyof ClientOptions]-?: (value: NonNullable<ClientOptions[Name]>) => unknown;
};

const createRules = (base: string | undefined): Rules => ({
  url: (value) => value && new URL(value, base),
  storage: (value) =>
    typeof value === 'object'
      ? value.get.call && value.set.call && value.remove.call
      : /^(memory|local|session|cookie)$/.test(value),
  channel: (value) => value === false || typeof value === 'string',
  origins: (value) => value.every((each) => new URL(each)),
  timeout: (value) => value >= 1 && value < 2 ** 31,
  fetch: (value) => value.call,
  now: (value) => value.call,
});

/**
 * @param base what a relative `url` is relative to
 * @throws {TypeError} naming the option that is unknown or unusable, never its value
 */
export function requireUsable(options: ClientOptions, base: string | undefined): void {
  const rules = new Map<string, (value: never) => unknown>(Object.entries(createRules(base)));
  for (const [name, value] of Object.entries({ ...options, url: options?.url ?? '' }))
    if (value !== undefined && !attempt(() => rules.get(name)?.(value as never)))
      throw new TypeError(`Gatepass: unusable option "${name}"`);
}
