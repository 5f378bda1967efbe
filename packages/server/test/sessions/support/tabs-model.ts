/**
 * An honest client with several tabs over one stored token, and thieves who once copied it. Each
 * request is answered at once; playing a scenario gives a trace of what was presented and answered.
 */
import { GIVEN_GRAIN_MS, SPENT_AFTER_MS } from '../../../src/sessions/rotation.ts';
import {
  createModelSession,
  type Decide,
  type Outcome,
  type Presented,
  type Token,
} from './rotation-model.ts';

export type Step =
  | { readonly kind: 'wait'; readonly milliseconds: number }
  /** A tab refreshes; `isLost`: the response never arrives. */
  | { readonly kind: 'refresh'; readonly tab: number; readonly isLost: boolean }
  /** Every tab is closed and opened again: what is left is what is stored. */
  | { readonly kind: 'restart' }
  | { readonly kind: 'copy'; readonly thief: number }
  | { readonly kind: 'steal'; readonly thief: number };

/** For how long a tab may go on with a token that another tab has replaced in the store. */
export const STALE_MS = SPENT_AFTER_MS - GIVEN_GRAIN_MS;

/** The first thief is elsewhere, the second one shares the owner's network and user agent. */
export const PLACES = ['elsewhere', 'home'];

/** Plays a scenario against the model. */
export function playTabs(steps: readonly Step[], decide?: Decide): Presented[] {
  const session = createModelSession(decide);
  const trace: Presented[] = [];
  let now = 0;
  let stored = session.token();
  const replacedAt = new Map<string, number>();
  let tabs = new Map<number, Token>();
  const thieves = new Map<number, Token>();

  const present = (who: string, from: string, token: Token): Outcome => {
    const outcome = session.present(token, from, now);
    trace.push({ who, from, at: now, token, outcome });
    return outcome;
  };

  const copyOf = (tab: number): Token => {
    const copy = tabs.get(tab) ?? stored;
    const staleSince = replacedAt.get(copy.bytes) ?? Number.POSITIVE_INFINITY;
    return now - staleSince >= STALE_MS ? stored : copy;
  };

  const refresh = (tab: number, isLost: boolean): void => {
    const copy = copyOf(tab);
    tabs.set(tab, copy);
    const outcome = present('client', 'home', copy);
    if (isLost || !outcome.ok) return;
    const { successor } = outcome;
    tabs.set(tab, successor);
    if (successor.bytes === stored.bytes) return;
    replacedAt.set(stored.bytes, now);
    stored = successor;
  };

  for (const step of steps) {
    if (step.kind === 'wait') now += step.milliseconds;
    else if (step.kind === 'refresh') refresh(step.tab, step.isLost);
    else if (step.kind === 'restart') tabs = new Map();
    else if (step.kind === 'copy') thieves.set(step.thief, stored);
    else {
      const token = thieves.get(step.thief);
      const from = PLACES[step.thief] ?? '';
      const outcome = token && present(`thief ${step.thief}`, from, token);
      if (outcome?.ok) thieves.set(step.thief, outcome.successor);
    }
  }
  return trace;
}
