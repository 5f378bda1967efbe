import type { Quota } from './limits.ts';

const BUCKETS = 2 ** 16;
const FULL = 255;

/**
 * Counts per session and minute in 64 KiB of this process, whatever comes: a refresh must not wait
 * for a write. Two of 65,536 buckets' sessions share a count, which no client that behaves notices.
 *
 * @returns a function that counts one and answers the milliseconds to wait when it is one too many
 */
export function createSessionLimit({ quota, windowMs }: Quota) {
  const hits = new Uint8Array(BUCKETS);
  let window = 0;

  return (sessionId: string, now: number): number | undefined => {
    const current = Math.floor(now / windowMs);
    if (current !== window) {
      hits.fill(0);
      window = current;
    }
    const bucket = bucketOf(sessionId);
    const count = hits[bucket] ?? 0;
    if (count >= quota) return (current + 1) * windowMs - now;
    hits[bucket] = Math.min(FULL, count + 1);
    return undefined;
  };
}

/** FNV-1a; the ids are random, and of our own making. */
function bucketOf(sessionId: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < sessionId.length; i++)
    hash = Math.imul(hash ^ sessionId.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % BUCKETS;
}
