import { UnavailableError } from './errors.ts';
import type { Jwks } from './jwks.ts';
import type { KeySet } from './key-set.ts';
import { pause } from './remote.ts';

/** Public keys that are fetched, kept, and fetched again before anybody waits for them. */
export type RemoteKeys = ReturnType<typeof createRemoteKeys>;

export type FetchedKeys = Jwks & {
  /** How long the issuer says this is good for, in seconds; undefined when it does not say. */
  readonly maxAge: number | undefined;
};

type Deps = {
  load: () => Promise<FetchedKeys>;
  /** The URL of the key set, for messages. */
  source: string;
  /** Whether a key set without a usable key is no fault. */
  mayBeEmpty: boolean;
  offlineGraceMs: number;
  cooldownMs: number;
  closed: AbortSignal;
  onError: (error: Error) => void;
};

const DEFAULT_MAX_AGE = 300;
// An issuer that says 0 must not be asked all the time, one that says a year must not be trusted so long.
const MIN_MAX_AGE = 10;
const MAX_MAX_AGE = 3600;
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 60_000;

export function createRemoteKeys(deps: Deps) {
  const { load, source, mayBeEmpty, offlineGraceMs, cooldownMs, closed, onError } = deps;
  let known: { readonly jwks: Jwks; readonly fetchedAt: number } | undefined;
  let lastError: Error | undefined;
  let running: Promise<void> | undefined;
  let startedAt = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let nextIn = 0;
  let wake = new AbortController();

  async function fetchOnce(): Promise<void> {
    startedAt = performance.now();
    try {
      const { maxAge = DEFAULT_MAX_AGE, ...jwks } = await load();
      // Keys are as old as the question, not the answer.
      known = { jwks, fetchedAt: startedAt };
      lastError = undefined;
      failures = 0;
      nextIn = 1000 * Math.min(Math.max(maxAge, MIN_MAX_AGE), MAX_MAX_AGE);
      for (const { kid, reason } of jwks.skipped) {
        onError(new Error(`Key ${JSON.stringify(kid ?? null)} of the JWKS is skipped: ${reason}`));
      }
      const fault = emptiness();
      if (fault) onError(fault);
    } catch (error) {
      if (closed.aborted) return;
      lastError = error instanceof Error ? error : new Error('fetch failed');
      nextIn = Math.min(FIRST_RETRY_MS * 2 ** failures++, MAX_RETRY_MS);
      onError(lastError);
    }
  }

  /** What is wrong with a key set that verifies nothing. */
  function emptiness(): Error | undefined {
    if (mayBeEmpty || !known || known.jwks.kids.length > 0) return undefined;
    const [skipped] = known.jwks.skipped;
    const why = skipped
      ? `its first key is skipped: ${skipped.reason}`
      : 'is GATEPASS_SIGNING_ALG HS256?';
    return new Error(`The key set at ${source} has no usable key: ${why}`);
  }

  /** Fetches now, or waits for the fetch that is under way. Never rejects. */
  function refresh(): Promise<void> {
    running ??= fetchOnce().finally(() => {
      running = undefined;
      wake.abort();
    });
    return running;
  }

  async function keepFresh(): Promise<void> {
    await refresh();
    while (!closed.aborted) {
      wake = new AbortController();
      await pause(nextIn, AbortSignal.any([closed, wake.signal]));
      // Woken early: another caller has fetched, and the interval starts there.
      if (!closed.aborted && !wake.signal.aborted) await refresh();
    }
  }

  const current = () =>
    known && performance.now() - known.fetchedAt <= offlineGraceMs ? known.jwks.keys : undefined;

  /**
   * The keys, fetched if need be.
   *
   * @throws {UnavailableError} `keys_unavailable`
   */
  async function demand(): Promise<KeySet> {
    // A failed fetch is not repeated for every token that arrives.
    const isResting = failures > 0 && performance.now() - startedAt < FIRST_RETRY_MS;
    if (!current() && (running || !isResting)) await refresh();
    const keys = current();
    if (keys) return keys;
    throw new UnavailableError('keys_unavailable', lastError);
  }

  return {
    start: (): void => void keepFresh(),

    /** The keys, or undefined when there are none or they have not been confirmed for too long. */
    current,

    demand,

    /** @throws {UnavailableError} `keys_unavailable`, also when there is no key that verifies anything */
    async demandSome(): Promise<void> {
      await demand();
      const fault = emptiness();
      if (fault) throw new UnavailableError('keys_unavailable', fault);
    },

    /**
     * For a `kid` that is not known: the keys anew, at most once per cool-down whatever tokens say,
     * because everybody can write a `kid`. Undefined when there is nothing new to be had.
     */
    async renewed(): Promise<KeySet | undefined> {
      const before = known?.jwks.keys;
      if (!running && performance.now() - startedAt < cooldownMs) return undefined;
      await refresh();
      return known?.jwks.keys === before ? undefined : current();
    },

    status: () => ({
      kids: known?.jwks.kids ?? [],
      skipped: known?.jwks.skipped ?? [],
      /** Seconds since the keys were last fetched. */
      age: known ? (performance.now() - known.fetchedAt) / 1000 : Number.POSITIVE_INFINITY,
      error: lastError?.message,
    }),
  };
}

/** `max-age` of a Cache-Control header (RFC 9111 §5.2.2.1) less the `Age` it has already spent. */
export function maxAgeOf(headers: Headers): number | undefined {
  const cacheControl = headers.get('cache-control') ?? '';
  if (/(^|,)\s*no-(store|cache)\b/i.test(cacheControl)) return 0;
  const [, digits] = /(?:^|,)\s*max-age=(\d{1,10})\b/i.exec(cacheControl) ?? [];
  if (digits === undefined) return undefined;
  const age = Number(headers.get('age') ?? 0);
  return Math.max(0, Number(digits) - (Number.isFinite(age) && age > 0 ? age : 0));
}
