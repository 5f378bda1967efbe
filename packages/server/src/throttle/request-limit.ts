import type { Quota } from './limits.ts';
import { throttled } from './refusals.ts';

/** Counts one request of this key. @throws {Refusal} `throttled` */
export type RequestLimit = (key: string) => void;

/** Keys that are counted in one window; requests of further keys are not. */
const MAX_KEYS = 100_000;

/**
 * Counts requests by a key, in this process and in fixed windows: for cheap requests that must not
 * wait for a write.
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
