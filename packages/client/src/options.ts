import type { Fetch } from './calls.ts';
import { attempt, home } from './environment.ts';
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
  /** Milliseconds the service may take to respond. Default 10 000. Does not limit your own `fetch`. */
  readonly timeout?: number;
  /** What sends requests. Default: the global `fetch`. */
  readonly fetch?: Fetch;
  /** This device's clock, epoch milliseconds. Default `Date.now`. For tests. */
  readonly now?: () => number;
};

const isUrl = (value: unknown, base?: string) =>
  attempt(() => new URL(String(value), base)) !== undefined;
const isFunction = (value: unknown) => typeof value === 'function';
const isStorage = (value: unknown) =>
  typeof value === 'string'
    ? /^(memory|local|session)$/.test(value)
    : ['get', 'set', 'remove'].every((name) => isFunction(Object(value)[name]));

type Rule = [isUsable: (value: unknown) => boolean, expected: string];
const RULES: Readonly<Record<keyof ClientOptions, Rule>> = {
  url: [(value) => isUrl(value, home()), 'an absolute URL, or a path in a page'],
  storage: [isStorage, "'memory', 'session', 'local' or { get, set, remove }"],
  channel: [(value) => value === false || typeof value === 'string', 'a name or false'],
  origins: [
    (value) => Array.isArray(value) && value.every((each) => isUrl(each)),
    'a list of URLs',
  ],
  timeout: [(value) => Number(value) >= 1 && Number(value) < 2 ** 31, 'milliseconds'],
  fetch: [isFunction, 'a function'],
  now: [isFunction, 'a function'],
};

/** @throws {TypeError} naming the option that cannot be meant, never its value */
export function requireUsable(options: unknown): asserts options is ClientOptions {
  const given: Readonly<Record<string, unknown>> = Object(options);
  if (!given['url']) throw new TypeError('createClient needs { url }: where Gatepass is');
  for (const [name, value] of Object.entries(given)) {
    const rule = Object.entries(RULES).find(([known]) => known === name)?.[1];
    if (!rule) throw new TypeError(`createClient has no option "${name}"`);
    if (value !== undefined && !rule[0](value))
      throw new TypeError(`The option "${name}" is not ${rule[1]}`);
  }
}
