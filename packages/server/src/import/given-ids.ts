/** The free ids: above every id that a source has ever assigned to an account. Pure. */
import { userIdOf } from '../token/claims.ts';
import { idOf } from './candidate.ts';
import { claimsIn, type GivenIds, SourceError } from './source.ts';

/** Ids that are skipped if a source does not say which ids deleted accounts had. */
export const MARGIN = 1_000_000;
// Leaves room for later ids, which must be exact JavaScript numbers.
const HIGHEST_FLOOR = 8_000_000_000_000_000;

/** New accounts get ids above `floor`. */
export type IdFloor = {
  readonly floor: number;
  /** Whether the source, or the operator, told which ids were assigned; else `MARGIN` ids are skipped. */
  readonly isCounted: boolean;
};

/**
 * @param highest id of all rows, including those that cannot become accounts
 * @param stated the highest id ever assigned, if the operator knows it
 */
export function floorAbove(highest: number, given: GivenIds, stated?: number): IdFloor {
  const { counter, inTokens } = given;
  const seen = Math.max(highest, inTokens);
  // A sequence that is below its rows is not in use, as after a copy without sequences.
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
