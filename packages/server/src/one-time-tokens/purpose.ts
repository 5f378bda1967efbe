const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The purposes of tokens, and their lifetimes in milliseconds. */
export const LIFETIMES_MS = {
  reset: 30 * MINUTE,
  reset_link: 24 * HOUR,
  activation: 24 * HOUR,
  email_change: 30 * MINUTE,
  email_undo: 7 * 24 * HOUR,
  admin_setup: HOUR,
  admin_invite: 24 * HOUR,
  second_factor: 5 * MINUTE,
  factor_setup: 15 * MINUTE,
} as const;

export type Purpose = keyof typeof LIFETIMES_MS;

/**
 * Purposes whose tokens do not supersede one another: an attacker who changes an address twice must not
 * supersede the owner's undo, invitations have no account yet, and two devices may log in at once.
 */
export const COEXISTING: ReadonlySet<Purpose> = new Set([
  'email_undo',
  'admin_invite',
  'second_factor',
  'factor_setup',
]);

/** Codes are short enough to be guessed, so they expire earlier and allow few attempts. */
export const CODE_LIFETIME_MS = 10 * MINUTE;
export const CODE_ATTEMPTS = 5;
