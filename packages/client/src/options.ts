import type { Fetch } from './calls.ts';
import { attempt } from './environment.ts';
import type { TokenStorage } from './storage.ts';

/** What `createClient` can be told. Only `url` is needed. */
export type ClientOptions = {
  /** Where Gatepass is. In a page it may be relative: `/` is the page's own origin. */
  readonly url: string;
  /**
   * Where the tokens are kept. Default `memory`: gone with the last tab, out of reach of anything
   * that reads storage. `session`: survives a reload. `local`: survives the browser. Where there is
   * no page (on a server), or the browser forbids its storage or has no room, memory.
   */
  readonly storage?: 'memory' | 'local' | 'session' | 'cookie' | TokenStorage;
  /**
   * The name under which tabs find each other to share one login and one refresh. Default: one name
   * per `url` in a page; `false`, on its own, elsewhere. On a server, clients of different
   * users must never share a name.
   */
  readonly channel?: string | false;
  /**
   * Origins that `fetch` may send the access token to, such as `https://api.example.com`, besides
   * those of `url` and of the page. Default none.
   */
  readonly origins?: readonly string[];
  /** Milliseconds the service may take to respond. Default 10 000. Does not limit your own `fetch`. */
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
