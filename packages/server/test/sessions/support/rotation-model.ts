/**
 * A session's row moved by `decideRotation` alone, and the people who hold its tokens: an honest
 * client with several tabs over one stored token, and thieves who once copied it. Playing a
 * scenario gives a trace of what was presented when and what came back.
 */
import {
  CONCURRENCY_WINDOW_MS,
  decideRotation,
  MAX_LATE_STREAK,
  type RotationState,
} from '../../../src/sessions/rotation.ts';
import { DAY } from './holder.ts';

export const POLICY = { refreshTokenLifetime: DAY, sessionLifetime: 30 * DAY };

/** A token as a model knows it: all that the real one is a function of. */
export type Token = { readonly generation: number; readonly bytes: string };
export type Outcome =
  | { readonly ok: true; readonly successor: Token }
  | { readonly ok: false; readonly reason: string };
export type Presented = {
  readonly who: string;
  /** Milliseconds since the login. */
  readonly at: number;
  readonly token: Token;
  readonly outcome: Outcome;
};

export type Step =
  | { readonly kind: 'wait'; readonly milliseconds: number }
  /** A tab refreshes; `isLost`: the answer never arrives. */
  | { readonly kind: 'refresh'; readonly tab: number; readonly isLost: boolean }
  /** Every tab is closed and opened again: what is left is what is stored. */
  | { readonly kind: 'restart' }
  | { readonly kind: 'copy'; readonly thief: number }
  | { readonly kind: 'steal'; readonly thief: number };

const tokenOf = ({ generation, rotatedAt, expiresAt }: RotationState): Token => ({
  generation,
  bytes: `${generation}.${rotatedAt}.${expiresAt}`,
});

/** The server of the model. */
export function createModelSession() {
  let state: RotationState = {
    generation: 0,
    rotatedAt: 0,
    lateGeneration: 0,
    lateStreak: 0,
    createdAt: 0,
    expiresAt: DAY,
    endedAt: undefined,
  };
  return {
    get state() {
      return state;
    },
    token: () => tokenOf(state),
    present({ generation }: Token, now: number): Outcome {
      const decision = decideRotation(state, generation, now, POLICY);
      if (decision.kind === 'refuse') return { ok: false, reason: decision.reason };
      if (decision.kind === 'reuse') {
        state = { ...state, endedAt: now };
        return { ok: false, reason: 'reused' };
      }
      if (decision.kind !== 'repeat') state = decision.next;
      return { ok: true, successor: tokenOf(state) };
    },
  };
}

type Options = {
  /** Milliseconds an honest client keeps a token before it spends it; 0 = it may be any age. */
  readonly spendsAfter: number;
};

/** Plays a scenario against the model. */
export function play(steps: readonly Step[], { spendsAfter }: Options): Presented[] {
  const session = createModelSession();
  const trace: Presented[] = [];
  let now = 0;
  let stored = { token: session.token(), at: Number.NEGATIVE_INFINITY };
  // When a token that was stored once was replaced: other tabs learn of it within the window.
  const replacedAt = new Map<string, number>();
  let tabs = new Map<number, Token>();
  const thieves = new Map<number, Token>();

  const present = (who: string, token: Token): Outcome => {
    const outcome = session.present(token, now);
    trace.push({ who, at: now, token, outcome });
    return outcome;
  };

  /** The documented limit: two generations in a row may be late, a third ends the session. */
  const wouldBeOneTooMany = ({ generation }: Token): boolean => {
    const { state } = session;
    const isLate =
      generation === state.generation - 1 && now - state.rotatedAt > CONCURRENCY_WINDOW_MS;
    return isLate && state.lateGeneration === generation && state.lateStreak === MAX_LATE_STREAK;
  };
  const mustArrive = ({ generation }: Token): boolean => {
    const { state } = session;
    return (
      generation === state.generation &&
      state.lateGeneration === generation &&
      state.lateStreak === MAX_LATE_STREAK
    );
  };

  const copyOf = (tab: number): Token => {
    const copy = tabs.get(tab) ?? stored.token;
    const staleSince = replacedAt.get(copy.bytes);
    const isOutdated = staleSince !== undefined && now - staleSince > CONCURRENCY_WINDOW_MS;
    return isOutdated || wouldBeOneTooMany(copy) ? stored.token : copy;
  };

  const store = (token: Token): void => {
    if (token.bytes === stored.token.bytes) return;
    replacedAt.set(stored.token.bytes, now);
    stored = { token, at: now };
  };

  const refresh = (tab: number, isLost: boolean): void => {
    const copy = copyOf(tab);
    tabs.set(tab, copy);
    const isNewest = copy.bytes === stored.token.bytes;
    if (isNewest && spendsAfter > 0 && now - stored.at <= spendsAfter) return;
    const arrives = !isLost || mustArrive(copy);
    const outcome = present('client', copy);
    if (!arrives || !outcome.ok) return;
    store(outcome.successor);
    tabs.set(tab, outcome.successor);
  };

  for (const step of steps) {
    if (step.kind === 'wait') now += step.milliseconds;
    else if (step.kind === 'refresh') refresh(step.tab, step.isLost);
    else if (step.kind === 'restart') tabs = new Map();
    else if (step.kind === 'copy') thieves.set(step.thief, stored.token);
    else {
      const token = thieves.get(step.thief);
      const outcome = token && present(`thief ${step.thief}`, token);
      if (outcome?.ok) thieves.set(step.thief, outcome.successor);
    }
  }
  return trace;
}
