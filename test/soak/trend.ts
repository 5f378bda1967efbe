/** Whether memory and descriptors grow. */
import type { Usage, Usages } from './server.ts';

export type Sample = { readonly at: number; readonly usages: Usages };

// Caches, the compiler and the allocator have settled by then.
const WARM_UP = 0.2;

export const totalOf = (sample: Sample | undefined, what: keyof Usage): number =>
  (sample ? [...sample.usages.values()] : []).reduce((sum, usage) => sum + usage[what], 0);

/**
 * The medians of the first and of the last third after the warm-up, of the processes that lived all
 * that time: one that replaced a killed one grows while it starts.
 */
export function trend(samples: readonly Sample[], what: keyof Usage) {
  const end = samples.at(-1)?.at ?? 0;
  const warm = samples.filter(({ at }) => at >= end * WARM_UP);
  const last = warm.at(-1)?.usages;
  const lasting = [...(warm[0]?.usages.keys() ?? [])].filter((pid) => last?.has(pid));
  const sums = warm.map(({ usages }) =>
    lasting.reduce((sum, pid) => sum + (usages.get(pid)?.[what] ?? 0), 0),
  );
  const third = Math.ceil(sums.length / 3);
  return { start: median(sums.slice(0, third)), end: median(sums.slice(-third)) };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
