/**
 * What a presented refresh token may do to its session (DESIGN §4): pure, time is an argument.
 *
 * Every generation has exactly one token, so two holders of one session must sooner or later
 * present an old one. An honest client does that too: tabs race, answers are lost. The rule tells
 * them apart by how old, how late and how often.
 */

/** Racing tabs and server-side fan-out present one token several times within this time. */
export const CONCURRENCY_WINDOW_MS = 10_000;

/** Generations in a row whose predecessor came late; one more means two holders. */
export const MAX_LATE_STREAK = 2;

export type RotationState = {
  readonly generation: number;
  /** Epoch milliseconds, as all times here. */
  readonly rotatedAt: number;
  readonly lateGeneration: number;
  readonly lateStreak: number;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly endedAt: number | undefined;
};

export type RotationPolicy = {
  /** Milliseconds a refresh token lives. */
  readonly refreshTokenLifetime: number;
  /** Milliseconds a session lives, however often it is rotated. */
  readonly sessionLifetime: number;
};

export type Decision =
  /** The newest token: it is spent, the next generation begins. */
  | { readonly kind: 'rotate'; readonly next: RotationState }
  /** Its predecessor, at once: the same successor again, nothing changes. */
  | { readonly kind: 'repeat' }
  /** Its predecessor, later (the answer was lost): the same successor, and the session is marked. */
  | { readonly kind: 'repeat_late'; readonly next: RotationState }
  /** An older token, or late once too often: two holders share the session. */
  | { readonly kind: 'reuse' }
  | { readonly kind: 'refuse'; readonly reason: 'revoked' | 'expired' };

/**
 * @param presented the generation of the token that is presented
 * @param now epoch milliseconds
 */
export function decideRotation(
  state: RotationState,
  presented: number,
  now: number,
  policy: RotationPolicy,
): Decision {
  if (state.endedAt !== undefined) return { kind: 'refuse', reason: 'revoked' };
  if (now >= state.expiresAt) return { kind: 'refuse', reason: 'expired' };
  if (presented === state.generation) return rotate(state, now, policy);
  if (presented !== state.generation - 1) return { kind: 'reuse' };
  if (now - state.rotatedAt <= CONCURRENCY_WINDOW_MS) return { kind: 'repeat' };
  return repeatLate(state);
}

function rotate(state: RotationState, now: number, policy: RotationPolicy): Decision {
  const end = state.createdAt + policy.sessionLifetime;
  if (now >= end) return { kind: 'refuse', reason: 'expired' };
  const next = {
    ...state,
    generation: state.generation + 1,
    rotatedAt: now,
    // Never earlier than before: while an older token is valid, the row must remember it was spent.
    expiresAt: Math.max(state.expiresAt, Math.min(now + policy.refreshTokenLifetime, end)),
  };
  return { kind: 'rotate', next };
}

function repeatLate(state: RotationState): Decision {
  if (state.lateGeneration === state.generation) return { kind: 'repeat' };
  const follows = state.lateGeneration === state.generation - 1;
  const lateStreak = follows ? state.lateStreak + 1 : 1;
  if (lateStreak > MAX_LATE_STREAK) return { kind: 'reuse' };
  return { kind: 'repeat_late', next: { ...state, lateGeneration: state.generation, lateStreak } };
}
