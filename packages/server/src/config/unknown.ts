/** Variables that are not read, and which one was probably meant. Pure. */
import { type Environment, isInjected } from './source.ts';

const PREFIX = 'GATEPASS_';
/** A name without our prefix is taken for a slip only when it is this close to one of ours. */
const CLOSE = 2;

/** One sentence for each variable that looks like one of `known` and is not. */
export function unknownNames(env: Environment, known: readonly string[]): string[] {
  const names = new Set(known);
  return Object.keys(env).flatMap((name) => {
    if (names.has(name) || (env[name] ?? '') === '' || isInjected(name, env[name])) return [];
    const isOurs = name.toUpperCase().startsWith(PREFIX);
    const nearest = nearestTo(name, known, isOurs);
    if (!isOurs && nearest === undefined) return [];
    const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
    return [`${name}: unknown variable, ignored${hint}`];
  });
}

function nearestTo(name: string, known: readonly string[], isOurs: boolean): string | undefined {
  const upper = name.toUpperCase();
  if (!isOurs && upper.length < PREFIX.length) return undefined;
  const [best] = known
    .filter((each) => each.startsWith(PREFIX))
    .map((each) => ({ each, distance: editDistance(upper, each) }))
    .filter(({ each, distance }) => distance <= toleranceFor(each, isOurs))
    .sort((a, b) => a.distance - b.distance);
  return best?.each;
}

/** Of what follows the prefix, a third may be wrong. */
const toleranceFor = (name: string, isOurs: boolean) =>
  isOurs ? Math.max(1, Math.floor((name.length - PREFIX.length) / 3)) : CLOSE;

/** Optimal string alignment: insertions, deletions, replacements and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  let [beforeLast, last]: [number[], number[]] = [
    [],
    Array.from({ length: b.length + 1 }, (_, j) => j),
  ];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (beforeLast[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
