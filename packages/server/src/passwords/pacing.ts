/** How much of the newest comparison goes into the average of those with its costs. */
const WEIGHT = 0.1;
const MAX_MS = 2000;
/** Costs that are told apart: an import can bring any number of them. */
const MAX_COSTS = 64;

/**
 * As long as hashes of other costs are in use (an import, a change of parameters), a failed login
 * takes as long as one with the slowest of them, whatever it was compared with: the thread works
 * for one comparison, the response waits for the rest. If all hashes are of one kind, nothing waits.
 */
export function createPacing() {
  const means = new Map<string, number>();

  return {
    /**
     * Takes note of a comparison, failed or not.
     *
     * @param costs what the time of it depends on, as its scheme says
     * @param ms what it took
     */
    compared(costs: string, ms: number): void {
      const before = means.get(costs);
      if (before !== undefined) means.set(costs, before + WEIGHT * (ms - before));
      else if (means.size < MAX_COSTS) means.set(costs, ms);
    },

    /** @param ms what a comparison took @returns milliseconds that its failure has to wait */
    restOf(ms: number): number {
      if (means.size < 2) return 0;
      return Math.min(MAX_MS, Math.max(0, Math.max(...means.values()) - ms));
    },
  };
}
