/** Variables that are not read, and which one was probably meant. Pure. */
import { editDistance } from './edit-distance.ts';
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
    .map((each) => ({ each, distance: editDistance(upper, each, toleranceFor(each, isOurs)) }))
    .filter(({ distance }) => Number.isFinite(distance))
    .sort((a, b) => a.distance - b.distance);
  return best?.each;
}

/** Of what follows the prefix, a third may be wrong. */
const toleranceFor = (name: string, isOurs: boolean) =>
  isOurs ? Math.max(1, Math.floor((name.length - PREFIX.length) / 3)) : CLOSE;
