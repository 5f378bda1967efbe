/**
 * The effect of a presented refresh token on its session (decisions 015, 060): pure, time is an
 * argument.
 *
 * Every generation has exactly one token, so two holders of one session must sooner or later
 * present an old one. An honest client does that too: parallel requests race, responses are lost.
 * The rule tells them apart by how old a token is and by where it comes from.
 */

/**
 * A token that was issued, or issued again, less than this ago is not spent: a burst of requests
 * moves a session by at most one generation.
 */
export const SPENT_AFTER_MS = 10_000;
/** The precision of "issued again" in the row, so that a burst writes no more often. */
export const GIVEN_GRAIN_MS = 1000;
/** Generations in a row whose predecessor came from elsewhere; one more means two holders. */
export const MAX_LATE_STREAK = 2;

export type RotationState = {
  readonly generation: number;
  /** Epoch milliseconds, as all times here. */
  readonly rotatedAt: number;
  /** The client that made the last rotation (client-hash.ts); empty before the first one. */
  readonly rotatedBy: string;
  /** When and to which client the newest token was last issued in exchange for its predecessor. */
  readonly givenAt: number;
  readonly givenTo: string;
  readonly lateGeneration: number;
  readonly lateStreak: number;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly endedAt: number | undefined;
};

export type Presented = {
  readonly generation: number;
  /** The token's `iat`, epoch seconds. */
  readonly issuedAt: number;
  /** The client that presents it, as `rotatedBy`. */
  readonly by: string;
};

export type RotationPolicy = {
  /** Milliseconds a refresh token lives. */
  readonly refreshTokenLifetime: number;
  /** Milliseconds a session lives, however often it is rotated. */
  readonly sessionLifetime: number;
  /** Milliseconds that the clock of the node that issued a token may be ahead. */
  readonly leeway: number;
};

/** `next` is the row as it must be before the response; the newest token is minted from it. */
export type Decision =
  /** The newest token: it is spent, the next generation begins. */
  | { readonly kind: 'rotate'; readonly next: RotationState }
  /** The newest token, issued a moment ago: the response is this token again. */
  | { readonly kind: 'keep' }
  /** Its predecessor, again: the same successor. */
  | { readonly kind: 'repeat'; readonly next?: RotationState }
  /** Its predecessor, from another client than the one that rotated it: the session is marked. */
  | { readonly kind: 'repeat_late'; readonly next: RotationState }
  /** An older token, or from elsewhere once too often: two holders share the session. */
  | { readonly kind: 'reuse' }
  | { readonly kind: 'refuse'; readonly reason: 'revoked' | 'expired' | 'not_yet_valid' };

/** @param now epoch milliseconds */
export function decideRotation(
  state: RotationState,
  presented: Presented,
  now: number,
  policy: RotationPolicy,
): Decision {
  if (state.endedAt !== undefined) return { kind: 'refuse', reason: 'revoked' };
  if (now >= state.expiresAt) return { kind: 'refuse', reason: 'expired' };
  if (!isIssuedBy(state, presented, now, policy))
    return { kind: 'refuse', reason: 'not_yet_valid' };
  if (presented.generation === state.generation)
    return isJustGiven(state, presented, now, policy)
      ? { kind: 'keep' }
      : rotate(state, presented, now, policy);
  if (presented.generation !== state.generation - 1) return { kind: 'reuse' };
  // A generation counts once, however often its predecessor comes from elsewhere.
  const counts = presented.by !== state.rotatedBy && state.lateGeneration !== state.generation;
  return counts ? repeatLate(state, presented, now) : repeat(state, presented, now);
}

/**
 * Whether a token's `iat` is plausible: it is not ahead of this clock, or its session was rotated
 * by a clock that was ahead as well.
 */
export const isIssuedBy = (
  { rotatedAt }: Pick<RotationState, 'rotatedAt'>,
  { issuedAt }: Pick<Presented, 'issuedAt'>,
  now: number,
  { leeway }: Pick<RotationPolicy, 'leeway'>,
): boolean => issuedAt * 1000 <= Math.max(now + leeway, rotatedAt);

/** A time in the future counts as just now: the clock of another node may be ahead. */
function isJustGiven(
  { generation, rotatedAt, givenAt, givenTo }: RotationState,
  { by }: Presented,
  now: number,
  { refreshTokenLifetime }: RotationPolicy,
): boolean {
  // After a login there is no older token that could still be in use.
  if (generation === 0) return false;
  // A token that lives for seconds must be replaced before it expires.
  const wait = Math.min(SPENT_AFTER_MS, refreshTokenLifetime / 2);
  return now - rotatedAt < wait || (by === givenTo && now - givenAt < wait);
}

function rotate(
  state: RotationState,
  { by }: Presented,
  now: number,
  policy: RotationPolicy,
): Decision {
  const end = state.createdAt + policy.sessionLifetime;
  if (now >= end) return { kind: 'refuse', reason: 'expired' };
  const next = {
    ...state,
    generation: state.generation + 1,
    rotatedAt: now,
    rotatedBy: by,
    givenAt: now,
    givenTo: by,
    // Never earlier than before: while an older token is valid, the row must remember it was spent.
    expiresAt: Math.max(state.expiresAt, Math.min(now + policy.refreshTokenLifetime, end)),
  };
  return { kind: 'rotate', next };
}

/**
 * After a lost response, several requests of a client may repeat it at once. The first response must
 * not lead to the successor being spent while the others still carry its predecessor.
 */
function repeat(state: RotationState, { by }: Presented, now: number): Decision {
  const isKnown = by === state.givenTo && now - state.givenAt < GIVEN_GRAIN_MS;
  return isKnown
    ? { kind: 'repeat' }
    : { kind: 'repeat', next: { ...state, givenAt: now, givenTo: by } };
}

function repeatLate(state: RotationState, { by }: Presented, now: number): Decision {
  const follows = state.lateGeneration === state.generation - 1;
  const lateStreak = follows ? state.lateStreak + 1 : 1;
  if (lateStreak > MAX_LATE_STREAK) return { kind: 'reuse' };
  const given = { givenAt: now, givenTo: by };
  const next = { ...state, ...given, lateGeneration: state.generation, lateStreak };
  return { kind: 'repeat_late', next };
}
