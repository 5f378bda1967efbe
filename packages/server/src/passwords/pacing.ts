/** The weight of the newest comparison in the average of its costs. */
const WEIGHT = 0.1;
const MAX_MS = 2000;
/** The most costs with an average of their own: an import can bring any number of them. */
const MAX_COSTS = 64;

/**
 * While hashes of other costs are in use (after an import or a change of parameters), every failed
 * login takes as long as a comparison with the slowest of them: the response waits for the
 * difference. If all hashes have the same costs, nothing waits.
 */
export function createPacing() {
  const means = new Map<string, number>();

  return {
    /**
     * Records the duration of a comparison, failed or not.
     *
     * @param costs determine the duration, as `Scheme.costs` returns them
     * @param ms the duration
     */
    compared(costs: string, ms: number): void {
      const before = means.get(costs);
      if (before !== undefined) means.set(costs, before + WEIGHT * (ms - before));
      else if (means.size < MAX_COSTS) means.set(costs, ms);
    },

    /** @param ms the duration of a comparison @returns milliseconds that its failure has to wait */
    restOf(ms: number): number {
      if (means.size < 2) return 0;
      return Math.min(MAX_MS, Math.max(0, Math.max(...means.values()) - ms));
    },
  };
}
