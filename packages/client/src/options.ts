import type { Fetch } from './calls.ts';
import type { TokenStorage } from './storage.ts';

/** What `createClient` can be told. Only `url` is needed. */
export type ClientOptions = {
  /** Where Gatepass is. In a browser it may be relative: `/` is the page's own origin. */
  readonly url: string;
  /**
   * Where the tokens are kept. Default `memory`: gone with the last tab, out of reach of anything
   * that reads storage. `session`: survives a reload. `local`: survives the browser. Where the
   * browser has no such storage or forbids it, memory.
   */
  readonly storage?: 'memory' | 'local' | 'session' | TokenStorage;
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
  /** Milliseconds the service may take to answer. Default 10 000. Does not limit your own `fetch`. */
  readonly timeout?: number;
  /** What sends requests. Default: the global `fetch`. */
  readonly fetch?: Fetch;
  /** This device's clock, epoch milliseconds. Default `Date.now`. For tests. */
  readonly now?: () => number;
};
