import type { Algorithm } from './algorithms.ts';
import { ASYMMETRIC } from './jwks.ts';

/** The source of keys, the required claims, and the behaviour while the issuer is unreachable. */
export type VerifierOptions = {
  /** The issuer's public keys, such as `https://auth.example.com/.well-known/jwks.json`. */
  readonly jwksUrl?: string | URL;
  /**
   * The HS256 secret shared with the issuer: a string (UTF-8) or bytes, at least 32 bytes. Beside
   * `jwksUrl` it verifies the tokens without `kid`.
   */
  readonly secret?: string | Uint8Array;
  /** The exact `iss`. Not checked by default. */
  readonly issuer?: string;
  /** A value that `aud` must equal or contain. Not checked by default. */
  readonly audience?: string;
  /** Accepted values of `token_type`; default `access`, so that refresh tokens are refused. */
  readonly tokenType?: string | readonly string[];
  /** Clock skew allowed for `nbf` and `iat`: 0 to 300 seconds, default 5. `exp` is exact. */
  readonly leeway?: number;
  /** The issuer's revocation feed, such as `https://auth.example.com/api/revocations`. */
  readonly revocationsUrl?: string | URL;
  /**
   * The behaviour when the feed could not be read for `maxStaleness`: `refuse` (default)
   * rejects with `UnavailableError`, `accept` continues with the known revocations.
   */
  readonly whenStale?: 'refuse' | 'accept';
  /** Seconds without a successful read after which the feed is stale: 5 to 31,536,000, default 30. */
  readonly maxStaleness?: number;
  /**
   * How many revocations are kept in memory in full: a whole number, default 1,000,000. Up to eight times
   * as many more take 8 bytes each. Beyond that, tokens issued before the oldest was received are refused.
   */
  readonly maxRevocations?: number;
  /** Honour tokens without `sid` although there is a feed; default false. */
  readonly acceptSessionlessTokens?: boolean;
  /** Algorithms that keys of the JWKS may have; default all asymmetric ones. */
  readonly algorithms?: readonly Algorithm[];
  /** Seconds for which keys are used after the last successful fetch: 0 to 31,536,000, default 86,400. */
  readonly offlineGrace?: number;
  /** The shortest time between two fetches for unknown `kid`s, in seconds: 1 to 31,536,000, default 5. */
  readonly unknownKeyCooldown?: number;
  /** Seconds after which a request to the issuer is aborted: 0.1 to 60, default 5. */
  readonly fetchTimeout?: number;
  /** How many verified tokens are kept in memory: a whole number, default 10,000, 0 for none. */
  readonly cacheSize?: number;
  /** Allow `http:` to other machines; default false. An attacker on the network can then forge keys. */
  readonly allowInsecureHttp?: boolean;
  /** Sends the requests: for a proxy, a private certificate authority, a test. Default the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** The current time: seconds since 1970, fractions allowed; default the system clock. */
  readonly now?: () => number;
  /**
   * Called for failed requests to the issuer and skipped keys; at most once in five minutes for the
   * same fault.
   */
  readonly onError?: (error: Error) => void;
};

const isText = (value: unknown) => typeof value === 'string' && value !== '';
const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0;
const isBoolean = (value: unknown) => typeof value === 'boolean';
const isFunction = (value: unknown) => typeof value === 'function';
const isUrl = (value: unknown) => isText(value) || value instanceof URL;
const isTexts = (value: unknown) =>
  isText(value) || (Array.isArray(value) && value.length > 0 && value.every(isText));
const areAsymmetric = (value: unknown) =>
  Array.isArray(value) && value.length > 0 && value.every((each) => ASYMMETRIC.includes(each));
const seconds = (from: number, to: number) => (value: unknown) =>
  typeof value === 'number' && value >= from && value <= to;

const YEAR = 31_536_000;
const RULES: Readonly<Record<keyof VerifierOptions, [(value: unknown) => boolean, string]>> = {
  jwksUrl: [isUrl, 'a URL'],
  secret: [(value) => isText(value) || value instanceof Uint8Array, 'a string or bytes'],
  issuer: [isText, 'a string that is not empty'],
  audience: [isText, 'a string that is not empty'],
  tokenType: [isTexts, 'a string, or several'],
  leeway: [seconds(0, 300), '0 to 300 seconds'],
  revocationsUrl: [isUrl, 'a URL'],
  whenStale: [(value) => value === 'refuse' || value === 'accept', "'refuse' or 'accept'"],
  maxStaleness: [seconds(5, YEAR), 'at least 5 seconds'],
  maxRevocations: [isCount, 'a whole number'],
  acceptSessionlessTokens: [isBoolean, 'true or false'],
  algorithms: [areAsymmetric, 'an array of asymmetric algorithms'],
  offlineGrace: [seconds(0, YEAR), '0 seconds or more'],
  unknownKeyCooldown: [seconds(1, YEAR), 'at least 1 second'],
  fetchTimeout: [seconds(0.1, 60), '0.1 to 60 seconds'],
  cacheSize: [isCount, 'a whole number'],
  allowInsecureHttp: [isBoolean, 'true or false'],
  fetch: [isFunction, 'a function'],
  now: [isFunction, 'a function'],
  onError: [isFunction, 'a function'],
};

/**
 * Refuses what cannot be meant. An option that is there and undefined is refused too: `audience:
 * process.env.AUDIENCE` must not switch the check off where the variable is not set.
 *
 * @throws {TypeError} naming the option, never its value
 */
export function requireUsable(options: VerifierOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(RULES, name)) throw new TypeError(`Unknown option "${name}"`);
    const [isUsable, expected] = RULES[name as keyof VerifierOptions];
    if (value === undefined)
      throw new TypeError(`"${name}" is undefined: give a value or leave it out`);
    if (!isUsable(value)) throw new TypeError(`"${name}" is not ${expected}`);
  }
  if (options.jwksUrl === undefined && options.secret === undefined) {
    throw new TypeError('"jwksUrl" or "secret" is needed');
  }
}
