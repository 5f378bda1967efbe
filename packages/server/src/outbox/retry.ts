const SECOND = 1000;
const MINUTE = 60 * SECOND;

// The last pause repeats until the mail has expired.
const PAUSES_MS = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 60 * MINUTE] as const;
const LAST_MS = 60 * MINUTE;

/** Milliseconds until the next attempt after `attempts` failed ones (at least one). */
export const pauseAfter = (attempts: number): number => PAUSES_MS[attempts - 1] ?? LAST_MS;
