/** Usernames: shape and canonical form. Pure; policy in docs/decisions/091. */

const MAX_CHARACTERS = 150;
/** Django's shape without "@", so that no name can be mistaken for another account's address. */
const SHAPE = /^[\p{L}\p{M}\p{N}_.+-]+$/u;
// Invisible letters and marks, with which two different names would look alike.
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;

export type Username = {
  /** As typed, without surrounding white space. */
  readonly typed: string;
  /** NFKC in lower case: two spellings of one name are equal here. */
  readonly canonical: string;
};

/**
 * Reads a username: 1 to 150 letters, digits and `_ . + -`.
 *
 * @returns `undefined` when the text is none
 * @example parseUsername(' Ålice ')?.canonical // 'ålice'
 */
export function parseUsername(text: string): Username | undefined {
  // Length first, because the checks below must not run on a hostile amount of text.
  if (text.length > 4 * MAX_CHARACTERS) return undefined;
  const typed = text.trim();
  const canonical = typed.normalize('NFKC').toLowerCase().normalize('NFKC');
  const isShort = [...typed].length <= MAX_CHARACTERS && [...canonical].length <= MAX_CHARACTERS;
  const isName = SHAPE.test(canonical) && !INVISIBLE.test(typed);
  return isShort && isName ? { typed, canonical } : undefined;
}

/** A name that the command line would read as an id; a user cannot choose it. */
export const looksLikeId = ({ canonical }: Username): boolean =>
  /^\d+$/.test(canonical) || /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(canonical);
