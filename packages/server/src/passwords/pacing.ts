/** How much of the newest comparison goes into the average. */
const WEIGHT = 0.1;
const MAX_MS = 2000;

/**
 * As long as hashes of other costs are in use (an import, a change of parameters), a failed login
 * takes as long whatever it was compared with: the thread works for one comparison, the answer
 * waits for the rest. Where all hashes are of one kind nothing waits.
 */
export function createPacing() {
  let own = 0;
  let foreign = 0;
  const mean = (before: number, ms: number) =>
    before === 0 ? ms : before + WEIGHT * (ms - before);

  return {
    /** @param ms what a comparison took @returns milliseconds that its failure has to wait */
    failed(ms: number, isForeign: boolean): number {
      if (isForeign) foreign = mean(foreign, ms);
      else own = mean(own, ms);
      if (foreign === 0) return 0;
      return Math.min(MAX_MS, Math.max(0, Math.max(own, foreign) - ms));
    },
  };
}
