/** Rounds, medians and ratios. Knows nothing of servers. */

export type Sample = { rate: number; p50Ms: number; p99Ms: number };

export type Contender = {
  readonly name: string;
  measure(seconds: number): Promise<Sample>;
};

/** The samples of every contender, one per round. */
export type Rounds = ReadonlyMap<string, readonly Sample[]>;

type Plan = {
  rounds: number;
  seconds: number;
  /** Called before every measurement; round 0 is the warm-up. */
  onMeasure(round: number, name: string): void;
};

const WARM_UP_SECONDS = 2;

/** Each round measures every contender once and begins with another one. */
export async function interleave(contenders: readonly Contender[], plan: Plan): Promise<Rounds> {
  for (const contender of contenders) {
    plan.onMeasure(0, contender.name);
    await contender.measure(Math.min(WARM_UP_SECONDS, plan.seconds));
  }
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 1; round <= plan.rounds; round++) {
    for (const contender of rotate(contenders, round - 1)) {
      plan.onMeasure(round, contender.name);
      samples.get(contender.name)?.push(await contender.measure(plan.seconds));
    }
  }
  return samples;
}

function rotate<T>(list: readonly T[], by: number): T[] {
  const start = by % Math.max(1, list.length);
  return [...list.slice(start), ...list.slice(0, start)];
}

/** @param percent 0–100; nearest rank, NaN of nothing */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.ceil((percent / 100) * sorted.length);
  return sorted[Math.max(0, rank - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** The median of one figure over a contender's rounds; `undefined` if it was not measured. */
export function medianOf(
  rounds: Rounds | undefined,
  name: string,
  figure: keyof Sample,
): number | undefined {
  const samples = rounds?.get(name);
  return samples && median(samples.map((sample) => sample[figure]));
}

/** The median of the per-round ratios, in which a disturbance of a whole round cancels out. */
export function ratio(
  rounds: Rounds | undefined,
  name: string,
  base: string,
  figure: keyof Sample = 'rate',
): number | undefined {
  const over = rounds?.get(name);
  const under = rounds?.get(base);
  if (!over || !under) return undefined;
  return median(
    over.map((sample, round) => sample[figure] / (under[round]?.[figure] ?? Number.NaN)),
  );
}
