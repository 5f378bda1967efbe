/**
 * Which passwords a new account may have (NIST SP 800-63B §3.1.1.2: length and a blocklist, no
 * composition rules). Owns the rules, not the hashing; login never applies them.
 */
import type { FieldFault } from '../errors.ts';
import { isSimilar } from './similarity.ts';

const MAX_LENGTH = 128;
const PRODUCT = 'gatepass';

export type PasswordPolicy = {
  /** Every rule that the password breaks; empty = allowed. */
  faults(password: string, email: string): Promise<FieldFault[]>;
};

// Normalising takes time quadratic in runs of combining marks: 30 ms for a body full of them.
const MAX_NORMALISED = 1024;

/**
 * The form that is hashed: NFKC, so that one password typed on two keyboards is one password.
 * Never trimmed, never cut; what is far too long to be anyone's password is left as it is.
 */
export const normalisePassword = (password: string): string =>
  password.length > MAX_NORMALISED ? password : password.normalize('NFKC');

/**
 * The forms in which a password may have been hashed: ours, and as it was typed, which is what other
 * systems hash (Django does not normalise). Nearly always they are one.
 */
export const passwordForms = (password: string): readonly string[] => {
  const normalised = normalisePassword(password);
  return normalised === password ? [password] : [normalised, password];
};

/**
 * @param minLength in code points, 8 to 64
 * @param isCommon whether a lower-cased password is on the blocklist
 */
export function createPasswordPolicy(
  minLength: number,
  isCommon: (password: string) => Promise<boolean>,
): PasswordPolicy {
  return {
    async faults(password, email) {
      // Lone surrogates all encode to the same bytes, so different passwords would hash alike.
      if (!password.isWellFormed()) return [{ code: 'password_malformed' }];
      if (password.length > MAX_NORMALISED)
        return [{ code: 'password_too_long', params: { max: MAX_LENGTH } }];
      const normalised = normalisePassword(password);
      const length = [...normalised].length;
      const lower = normalised.toLowerCase();
      const faults: FieldFault[] = [];
      if (isSimilar(lower, email.toLowerCase())) faults.push({ code: 'password_too_similar' });
      if (length < minLength)
        faults.push({ code: 'password_too_short', params: { min: minLength } });
      if (length > MAX_LENGTH)
        faults.push({ code: 'password_too_long', params: { max: MAX_LENGTH } });
      if ((await isCommon(lower.trim())) || isRepetitionOf(PRODUCT, lower))
        faults.push({ code: 'password_too_common' });
      if (/^\p{Nd}+$/u.test(normalised)) faults.push({ code: 'password_entirely_numeric' });
      return faults;
    },
  };
}

const isRepetitionOf = (word: string, text: string) => text.replaceAll(word, '') === '';
