/** Usernames: shape and canonical form. Pure; policy in docs/decisions/091. */

const MAX_CHARACTERS = 150;
/** Django's, without "@": what has one is an address, so no name can be mistaken for another's address. */
const SHAPE = /^[\p{L}\p{M}\p{N}_.+-]+$/u;
// Letters and marks that show nothing, so that two different names would look like one.
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;

/** The name under which request schemas ask for a text that `parseUsername` reads. */
export const USERNAME = 'username';

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
  // Length first: nothing below may see a hostile amount of text.
  if (text.length > 4 * MAX_CHARACTERS) return undefined;
  const typed = text.trim();
  const canonical = typed.normalize('NFKC').toLowerCase().normalize('NFKC');
  const isShort = [...typed].length <= MAX_CHARACTERS && [...canonical].length <= MAX_CHARACTERS;
  const isName = SHAPE.test(canonical) && !INVISIBLE.test(typed);
  return isShort && isName ? { typed, canonical } : undefined;
}

/** What the command line would take for an id; a user cannot choose it. */
export const looksLikeId = ({ canonical }: Username): boolean =>
  /^\d+$/.test(canonical) || /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(canonical);
