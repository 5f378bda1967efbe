/** Words that an attacker of this particular service tries first. Pure. */
import { coresOf, readings } from './disguises.ts';

const PRODUCT = 'gatepass';
/** The characters beside such words that still make a weak password. */
const MAX_REST = 6;
const MIN_LENGTH = 4;
/** Labels of a host name that do not name its owner. */
const COMMON_LABELS = new Set(['account', 'accounts', 'auth', 'identity', 'localhost', 'login']);

/**
 * The product's name, the operator's own words, and the words of the issuer's name.
 *
 * @param issuer a URL or a name; may be empty
 */
export function contextWords(own: readonly string[], issuer: string): readonly string[] {
  // All labels of a host name but the top-level domain.
  const host = URL.canParse(issuer) ? new URL(issuer).hostname : '';
  const name = host === '' ? issuer : host.replace(/\.[^.]*$/, '');
  const telling = name
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((each) => each.length >= MIN_LENGTH && !COMMON_LABELS.has(each));
  const words = new Set([PRODUCT, ...own, ...telling]);
  // The longest first, so that a word within another does not leave a rest.
  return [...words].sort((one, other) => other.length - one.length);
}

/**
 * Whether a lower-cased text consists of one or several of the words and little else.
 *
 * @param isListed whether the rest is a common password
 */
export function isOfWords(
  text: string,
  words: readonly string[],
  isListed: (text: string) => boolean,
): boolean {
  return readings(text).some((reading) => {
    const rest = words.reduce((left, word) => left.replaceAll(word, ''), reading);
    if (rest === reading) return false;
    return rest.length <= MAX_REST || [...coresOf(rest)].some(isListed);
  });
}
