const SECOND = 1000;
const MINUTE = 60 * SECOND;

// The last pause repeats until the mail has expired.
const PAUSES_MS = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 60 * MINUTE] as const;
const LAST_MS = 60 * MINUTE;

/** Milliseconds until the next attempt after `attempts` failed ones (at least one). */
export const pauseAfter = (attempts: number): number => PAUSES_MS[attempts - 1] ?? LAST_MS;

const FIRST_REST_MS = SECOND;
const LONGEST_REST_MS = MINUTE;

/** Milliseconds that a sender rests after it has failed as a whole `failures` times in a row. */
export const restAfter = (failures: number, random: () => number): number =>
  Math.min(FIRST_REST_MS * 2 ** (failures - 1), LONGEST_REST_MS) * (0.5 + random());

/**
 * Failures in sequence.
 *
 * @param onFailure called at the 1st, 2nd, 4th, 8th … failure with the same message
 */
export function createFailures(onFailure: (error: unknown, failures: number) => void) {
  let count = 0;
  let cause = '';
  let repeats = 0;
  return {
    /** @returns their number */
    add(error: unknown): number {
      const text = error instanceof Error ? error.message : String(error);
      repeats = text === cause ? repeats + 1 : 1;
      cause = text;
      count++;
      if (Number.isInteger(Math.log2(repeats))) onFailure(error, count);
      return count;
    },
    /** Ends the sequence. @returns how many there were */
    end(): number {
      const ended = count;
      count = 0;
      repeats = 0;
      return ended;
    },
  };
}
