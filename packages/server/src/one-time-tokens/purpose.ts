const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What a mailed token is good for, and how many milliseconds it lives. */
export const LIFETIMES_MS = {
  reset: 30 * MINUTE,
  activation: 24 * HOUR,
  email_change: 30 * MINUTE,
  email_undo: 7 * 24 * HOUR,
} as const;

export type Purpose = keyof typeof LIFETIMES_MS;

/** Codes are short enough to be guessed: they live shorter and take few attempts. */
export const CODE_LIFETIME_MS = 10 * MINUTE;
export const CODE_ATTEMPTS = 5;
