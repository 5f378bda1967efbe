import { argon2 } from './argon2.ts';
import { bcrypt } from './bcrypt.ts';
import { pbkdf2 } from './pbkdf2.ts';
import type { Scheme } from './scheme.ts';
import { scrypt } from './scrypt.ts';

/** A new scheme needs a file and an entry here. */
export const SCHEMES: readonly Scheme[] = [argon2, pbkdf2, bcrypt, scrypt];

export type FormatFault = 'unknown_format' | 'damaged' | 'too_costly';

/**
 * Reads a password as another system stores it.
 *
 * @param text as that system has it: Django's `argon2$…`, `pbkdf2_sha256$…`, …, a PHC string, bcrypt;
 *   nothing, or Django's `!…`, for an account without a password
 * @example readFormat('argon2$argon2id$v=19$…') // { stored: '$argon2id$v=19$…' }
 */
export function readFormat(
  text: unknown,
): { readonly stored: string | undefined } | { readonly fault: FormatFault } {
  if (text === null || text === undefined || text === '') return { stored: undefined };
  if (typeof text !== 'string') return { fault: 'unknown_format' };
  if (text.startsWith('!')) return { stored: undefined };
  const stored = text.replace(/^argon2\$argon2/, '$argon2');
  const scheme = SCHEMES.find((each) => each.reads(stored));
  if (!scheme) return { fault: 'unknown_format' };
  const fault = scheme.fault(stored);
  return fault ? { fault } : { stored };
}
