/**
 * Sessions that have ended, in 8 bytes each: 48 bits of a session's hash, in sorted batches. Of some
 * 35 million sessions that are open, one is taken for one of eight million that have ended.
 */
type Batch = {
  readonly prints: Float64Array;
  /** Epoch seconds: when the last of them is forgotten, and when the newest was learned. */
  readonly expiresAt: number;
  readonly learnedAt: number;
};

const printOf = (hash: string): number =>
  Buffer.from(hash.slice(0, 8), 'base64url').readUIntBE(0, 6);

export function createFoldedSessions() {
  let batches: Batch[] = [];

  return {
    add(hashes: readonly string[], expiresAt: number, learnedAt: number): void {
      const prints = Float64Array.from(hashes, printOf).sort();
      batches.push({ prints, expiresAt, learnedAt });
    },

    has(hash: string): boolean {
      if (batches.length === 0) return false;
      const print = printOf(hash);
      return batches.some(({ prints }) => holds(prints, print));
    },

    forgetExpired(now: number): void {
      if (batches.some(({ expiresAt }) => expiresAt <= now))
        batches = batches.filter(({ expiresAt }) => expiresAt > now);
    },

    /** Gives up the oldest batch. */
    dropOldest: (): Batch | undefined => batches.shift(),

    size: (): number => batches.reduce((sum, { prints }) => sum + prints.length, 0),
  };
}

function holds(sorted: Float64Array, value: number): boolean {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === value;
}
