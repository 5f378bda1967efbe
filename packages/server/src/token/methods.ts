import type { Method } from '../sessions/authentication.ts';

/** A password, and what was shown beside it; a recovery code is a code too. */
export const METHODS = {
  code: ['pwd', 'otp', 'mfa'],
  passkey: ['pwd', 'pop', 'mfa'],
} as const satisfies Record<string, readonly Method[]>;

/**
 * A key whose user was verified by it is two factors. Nothing attests whether hardware holds it, so
 * it is `pop` and neither `hwk` nor `swk` (RFC 8176 §2).
 */
export const BY_PASSKEY: readonly Method[] = ['pop', 'mfa'];
