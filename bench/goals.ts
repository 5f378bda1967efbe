/** The project's goals, and whether these figures meet them. */
import { median, type Rounds, ratio } from './measure.ts';
import type { Results } from './results.ts';
import { BARE_HASH, FLOOR_VERIFY } from './scenarios/load-scenarios.ts';
import { FEW_NAME, MANY_NAME } from './scenarios/users100k.ts';
import { OURS_WARM } from './scenarios/verifier.ts';

export type Goal = {
  what: string;
  /** `undefined` when it was not measured. */
  value: number | undefined;
  limit: { atLeast: number } | { below: number };
  unit: string;
};

export const isMissed = ({ value, limit }: Goal) =>
  value !== undefined && !('atLeast' in limit ? value >= limit.atLeast : value < limit.below);

export function goalsOf({ loads, startTimes, memory, tableSize, verifiers }: Results): Goal[] {
  const starts = startTimes?.get('gatepass');
  return [
    {
      what: 'verify, of the floor',
      value: ratio(loads.get('verify'), 'gatepass', 'floor'),
      limit: { atLeast: 0.85 },
      unit: '×',
    },
    {
      what: 'verify, of SimpleJWT',
      value: ratio(loads.get('verify'), 'gatepass', 'simplejwt'),
      limit: { atLeast: 12 },
      unit: '×',
    },
    {
      what: "refresh, of the floor's verify",
      value: ratio(loads.get('refresh'), 'gatepass', FLOOR_VERIFY),
      limit: { atLeast: 0.55 },
      unit: '×',
    },
    {
      what: "refresh with rotation, of the floor's verify",
      value: ratio(loads.get('refresh'), 'gatepass-rotating', FLOOR_VERIFY),
      limit: { atLeast: 0.35 },
      unit: '×',
    },
    {
      what: 'logins, of the bare hash library',
      value: ratio(loads.get('login'), 'gatepass', BARE_HASH),
      limit: { atLeast: 0.9 },
      unit: '×',
    },
    {
      what: 'start to the first 200',
      value: starts && median(starts),
      limit: { below: 500 },
      unit: ' ms',
    },
    {
      what: 'memory when idle',
      value: memory?.get('gatepass')?.idleMiB,
      limit: { below: 120 },
      unit: ' MiB',
    },
    ...(['HS256', 'EdDSA'] as const).map((alg) => ({
      what: `${alg} tokens that the verifier has seen before`,
      value: verifierRate(verifiers, alg),
      limit: { atLeast: alg === 'HS256' ? 250_000 : 200_000 },
      unit: ' a second',
    })),
    ...(['p50Ms', 'p99Ms'] as const).map((figure) => ({
      what: `worst ${figure.slice(0, 3)} with 100,000 users, of that with 16`,
      value: worstSlowdown(tableSize, figure),
      limit: { below: 1.2 },
      unit: '×',
    })),
  ];
}

function verifierRate(verifiers: Results['verifiers'], alg: string): number | undefined {
  const ours = verifiers?.find((each) => each.alg === alg && each.name === OURS_WARM);
  return ours && median(ours.rates);
}

type Latency = 'p50Ms' | 'p99Ms';

function worstSlowdown(sizes: Results['tableSize'], figure: Latency): number | undefined {
  if (!sizes) return undefined;
  return Math.max(...[...sizes.values()].map((rounds) => slowdown(rounds, figure) ?? 0));
}

/** How many times the latency with few users the one with many is. */
export const slowdown = (rounds: Rounds | undefined, figure: Latency) =>
  ratio(rounds, MANY_NAME, FEW_NAME, figure);
