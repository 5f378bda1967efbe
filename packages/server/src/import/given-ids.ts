/** From where on ids are free: above every id that a source ever gave to an account. Pure. */
import { userIdOf } from '../token/claims.ts';
import { idOf } from './candidate.ts';
import { claimsIn, type GivenIds, SourceError } from './source.ts';

/** Left out where a source does not say which ids it gave to accounts that are deleted by now. */
export const MARGIN = 1_000_000;
// The ids that follow must be JavaScript numbers, for as long as accounts are registered.
const HIGHEST_FLOOR = 8_000_000_000_000_000;

/** New accounts get ids above `floor`. */
export type IdFloor = {
  readonly floor: number;
  /** Whether the source, or the operator, said which ids were given; else `MARGIN` is left out. */
  readonly isCounted: boolean;
};

/**
 * @param highest id of the rows, those that cannot be accounts included
 * @param stated the highest id that was ever given, as the operator knows it
 */
export function floorAbove(highest: number, given: GivenIds, stated?: number): IdFloor {
  const { counter, inTokens } = given;
  const seen = Math.max(highest, inTokens);
  // A sequence behind its own rows does not number them, as after a copy without its sequences.
  const isCounted = stated !== undefined || seen === 0 || (counter ?? -1) >= highest;
  const floor = Math.max(seen, stated ?? counter ?? 0) + (isCounted ? 0 : MARGIN);
  return { floor, isCounted };
}

/** @throws {SourceError} when too few ids are left above it */
export function refuseHighFloor({ floor }: IdFloor): void {
  if (floor > HIGHEST_FLOOR)
    throw new SourceError(
      `The source has given ids up to ${floor}, which leaves too few for new accounts. If a smaller one is the highest that an account ever had, name it with --ids-above.`,
    );
}

/** The id that an issued token names, by its row and by its claims; 0 = none. */
export const idInToken = (userId: unknown, token: unknown, userIdClaim = 'user_id'): number => {
  const id = idOf(userId);
  const named = userIdOf(claimsIn(token) ?? {}, userIdClaim);
  return Math.max(typeof id === 'number' ? id : 0, typeof named === 'number' ? named : 0);
};
