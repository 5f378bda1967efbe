/** Django's UserAttributeSimilarityValidator (difflib's quick_ratio >= 0.7), so both agree. Pure. */

const MAX_SIMILARITY = 0.7;

/** Whether a password resembles an e-mail address or one of its parts; both lower-cased. */
export function isSimilar(password: string, email: string): boolean {
  const parts = [...email.split(/[^\p{L}\p{N}_]+/u), email];
  return parts.some(
    (part) =>
      part !== '' && !isTooLong(password, part) && quickRatio(password, part) >= MAX_SIMILARITY,
  );
}

// As in Django: a password ten times as long as the part does not resemble it.
const isTooLong = (password: string, part: string) =>
  password.length >= 10 * part.length && part.length < (MAX_SIMILARITY / 2) * password.length;

/** The share of letters that two texts have in common, 0 to 1. */
function quickRatio(a: string, b: string): number {
  const available = new Map<string, number>();
  for (const letter of b) available.set(letter, (available.get(letter) ?? 0) + 1);
  let matches = 0;
  for (const letter of a) {
    const left = available.get(letter) ?? 0;
    if (left > 0) matches++;
    available.set(letter, left - 1);
  }
  return (2 * matches) / (a.length + b.length);
}
