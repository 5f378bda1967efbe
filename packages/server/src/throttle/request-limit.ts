import type { Quota } from './limits.ts';
import { throttled } from './refusals.ts';

/** Counts one request of this key. @throws {Refusal} `throttled` */
export type RequestLimit = (key: string) => void;

/** In so many keys of one window the limit is kept; further ones are not counted. */
const MAX_KEYS = 100_000;

/**
 * Counts requests by a key in this process alone, in windows of the clock: for requests that are
 * cheap, and must not wait for a write to be counted.
 */
export function createRequestLimit(limit: Quota, now: () => number): RequestLimit {
  const { quota, windowMs } = limit;
  let counts = new Map<string, number>();
  let window = 0;

  return (key) => {
    const time = now();
    const current = Math.floor(time / windowMs);
    if (current !== window) {
      counts = new Map();
      window = current;
    }
    const count = counts.get(key) ?? 0;
    if (count >= quota) throw throttled(limit, (current + 1) * windowMs - time);
    if (count > 0 || counts.size < MAX_KEYS) counts.set(key, count + 1);
  };
}
