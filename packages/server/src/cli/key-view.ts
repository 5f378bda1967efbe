/** A key as the command line shows it. */
import type { KeyView } from '../keys/view.ts';

export function rowOf({ kid, alg, state, sealed, ...view }: KeyView): string {
  const at = (instant: string | null) => instant?.slice(0, 16) ?? 'rotated by command';
  const when = {
    next: `signs from ${at(view.activates_at)}`,
    current: `signs ${view.signs}${view.signs_until ? ` until ${at(view.signs_until)}` : ''}`,
    retired: `verifies until ${at(view.verifies_until)}`,
  };
  const seal = sealed === null ? '' : sealed ? 'sealed' : 'stored in clear';
  return [kid.padEnd(43), alg.padEnd(5), state.padEnd(7), seal.padEnd(8), when[state]].join('  ');
}
