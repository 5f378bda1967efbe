import type { Method } from '../sessions/authentication.ts';

/** A password and the proof beside it; a recovery code counts as a code. */
export const METHODS = {
  code: ['pwd', 'otp', 'mfa'],
  passkey: ['pwd', 'pop', 'mfa'],
} as const satisfies Record<string, readonly Method[]>;

/**
 * A passkey with user verification is two factors. Nothing attests whether hardware holds the key, so
 * the method is `pop` and neither `hwk` nor `swk` (RFC 8176 §2).
 */
export const BY_PASSKEY: readonly Method[] = ['pop', 'mfa'];
