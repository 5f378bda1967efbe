/**
 * The rules for new passwords (NIST SP 800-63B §3.1.1.2: length and a blocklist, no composition
 * rules). Owns the rules, not the hashing; a login never applies them.
 */

import type { FieldFault } from '../errors.ts';
import type { IsListed, LoadCommonPasswords } from './common.ts';
import { isOfWords } from './context-words.ts';
import { coresOf, periodOf } from './disguises.ts';
import {
  PASSWORD_ENTIRELY_NUMERIC,
  PASSWORD_MALFORMED,
  PASSWORD_TOO_COMMON,
  PASSWORD_TOO_LONG,
  PASSWORD_TOO_SHORT,
  PASSWORD_TOO_SIMILAR,
  PASSWORD_TOO_SIMILAR_TO_USERNAME,
} from './refusals.ts';
import { isSimilar } from './similarity.ts';

const MAX_LENGTH = 128;
const TOO_LONG: FieldFault = { ...PASSWORD_TOO_LONG, values: { max: MAX_LENGTH } };
/** This many digits are as hard to guess as other passwords, unless they repeat. */
const ENOUGH_DIGITS = 20;
/** The longest period that counts as a repetition, such as abcabcabc. */
const MAX_PERIOD = 3;
const MAX_PERIOD_OF_DIGITS = 10;

export type PasswordPolicy = {
  /** Every rule that the password breaks; empty = allowed. */
  faults(password: string, email: string, username?: string): Promise<FieldFault[]>;
};

// Normalising is quadratic in runs of combining marks: 30 ms for a body full of them.
const MAX_NORMALISED = 1024;

/**
 * The form that is hashed: NFKC, so that a password typed on two keyboards is the same. Never trimmed
 * or cut; a text that is far too long to be a password is left as it is.
 */
export const normalisePassword = (password: string): string =>
  password.length > MAX_NORMALISED ? password : password.normalize('NFKC');

/**
 * The forms in which a password may have been hashed: normalised, as here, and as typed, as by other
 * systems (Django does not normalise). They are nearly always equal.
 */
export const passwordForms = (password: string): readonly string[] => {
  const normalised = normalisePassword(password);
  return normalised === password ? [password] : [normalised, password];
};

type Options = {
  /** In code points, 8 to 64. */
  readonly minLength: number;
  readonly loadCommon: LoadCommonPasswords;
  /** In lower case: the product, the operator's own. */
  readonly words: readonly string[];
};

export function createPasswordPolicy({ minLength, loadCommon, words }: Options): PasswordPolicy {
  async function isCommon(lower: string, length: number): Promise<boolean> {
    const isListed = await loadCommon();
    // A short password is refused anyway, so it is not examined further.
    return isListed(lower) || (length >= minLength && isGuessable(lower, words, isListed));
  }

  return {
    async faults(password, email, username = '') {
      // Lone surrogates all encode to the same bytes, so different passwords would hash alike.
      if (!password.isWellFormed()) return [PASSWORD_MALFORMED];
      if (password.length > MAX_NORMALISED) return [TOO_LONG];
      const normalised = normalisePassword(password);
      const length = [...normalised].length;
      const lower = normalised.toLowerCase().trim();
      const faults: FieldFault[] = [];
      if (isSimilar(normalised.toLowerCase(), email.toLowerCase()))
        faults.push(PASSWORD_TOO_SIMILAR);
      if (isSimilar(normalised.toLowerCase(), username.toLowerCase()))
        faults.push(PASSWORD_TOO_SIMILAR_TO_USERNAME);
      if (length < minLength) faults.push({ ...PASSWORD_TOO_SHORT, values: { min: minLength } });
      if (length > MAX_LENGTH) faults.push(TOO_LONG);
      else if (await isCommon(lower, length)) faults.push(PASSWORD_TOO_COMMON);
      if (/^\p{Nd}+$/u.test(normalised) && length < ENOUGH_DIGITS)
        faults.push(PASSWORD_ENTIRELY_NUMERIC);
      return faults;
    },
  };
}

/** Made of words of the service, or a listed or repetitive core with the usual decorations. */
function isGuessable(text: string, words: readonly string[], isListed: IsListed): boolean {
  if (isOfWords(text, words, isListed)) return true;
  for (const core of coresOf(text)) {
    if (isListed(core)) return true;
    const most = /^\p{Nd}+$/u.test(core) ? MAX_PERIOD_OF_DIGITS : MAX_PERIOD;
    if ((periodOf(core) ?? Number.POSITIVE_INFINITY) <= most) return true;
  }
  return false;
}
