/** How much of the newest comparison goes into the average of its kind. */
const WEIGHT = 0.1;
const MAX_MS = 2000;
/** Kinds of hashes that are told apart: an import can bring any number, with costs of its choice. */
const MAX_KINDS = 64;

/**
 * As long as hashes of other costs are in use (an import, a change of parameters), a failed login
 * takes as long as one with the slowest of them, whatever it was compared with: the thread works
 * for one comparison, the answer waits for the rest. Where all hashes are of one kind nothing waits.
 */
export function createPacing() {
  const means = new Map<string, number>();

  return {
    /**
     * Takes note of a comparison, failed or not.
     *
     * @param kind what the time of it depends on: the scheme and its costs
     * @param ms what it took
     */
    compared(kind: string, ms: number): void {
      const before = means.get(kind);
      if (before !== undefined) means.set(kind, before + WEIGHT * (ms - before));
      else if (means.size < MAX_KINDS) means.set(kind, ms);
    },

    /** @param ms what a comparison took @returns milliseconds that its failure has to wait */
    restOf(ms: number): number {
      if (means.size < 2) return 0;
      return Math.min(MAX_MS, Math.max(0, Math.max(...means.values()) - ms));
    },
  };
}
