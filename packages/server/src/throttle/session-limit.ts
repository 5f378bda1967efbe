import { createHmac, randomBytes } from 'node:crypto';
import type { Rate } from '../config/limits.ts';

const WIDTH = 2 ** 18;

/**
 * Counts per session and window in 2 MiB of memory, however many sessions there are, because a
 * refresh must not wait for a write. Each session has a counter in two rows, and is refused only if
 * both are full. A keyed hash chooses them, so no client can choose whose counters it fills.
 *
 * @returns counts one request and returns the milliseconds to wait if it is above the limit
 */
export function createSessionLimit({ quota, windowMs }: Rate, key: Uint8Array = randomBytes(32)) {
  // Allocated on the first count: most commands never count.
  let hits = new Uint32Array(0);
  let window = -1;

  return (sessionId: string, now: number): number | undefined => {
    const current = Math.floor(now / windowMs);
    if (current !== window) {
      if (hits.length > 0) hits.fill(0);
      else hits = new Uint32Array(2 * WIDTH);
      window = current;
    }
    const mac = createHmac('sha256', key).update(sessionId).digest();
    const [one, other] = [mac.readUInt32LE(0) % WIDTH, WIDTH + (mac.readUInt32LE(4) % WIDTH)];
    const count = Math.min(hits[one] ?? 0, hits[other] ?? 0);
    if (count >= quota) return (current + 1) * windowMs - now;
    for (const counter of [one, other]) hits[counter] = Math.max(hits[counter] ?? 0, count + 1);
    return undefined;
  };
}
