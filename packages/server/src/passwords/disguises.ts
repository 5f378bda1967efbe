/** The core of a password without its usual decorations: "P@ssw0rd123!". Pure. */

/** The most digits and symbols before and after a word, together. */
const MAX_ORNAMENTS = 6;
/** The same around a core without letters, so that 83920174#1 does not count as a common password. */
const MAX_AROUND_DIGITS = 3;
const MIN_CORE = 4;

const LETTER = /\p{L}/u;
/** ASCII characters that people add because a rule demands a digit or a symbol. */
const ORNAMENT = /[ -@[-`{-~]/;
const LEET = ['@a4a8b(c3e6g9g1i!i|i0o$s5s7t+t2z', '1l!l|l7l'].map(
  (pairs) =>
    new Map([...pairs.matchAll(/(.)(.)/g)].map(([, sign = '', letter = '']) => [sign, letter])),
);
const [PLAIN = new Map<string, string>(), OTHER = new Map<string, string>()] = LEET;

/** The readings of signs that stand for letters; `1` is an i or an l. */
export function readings(text: string): string[] {
  const read = (signs: ReadonlyMap<string, string>) =>
    [...text].map((sign) => signs.get(sign) ?? PLAIN.get(sign) ?? sign).join('');
  return [...new Set([text, read(PLAIN), read(OTHER)])];
}

/** Every core that a lower-cased text may hide, in all readings. */
export function* coresOf(text: string): Generator<string> {
  const signs = [...text];
  const head = ornamentsIn(signs);
  const tail = ornamentsIn(signs.toReversed());
  for (let before = 0; before <= head; before++)
    for (let after = 0; after <= Math.min(tail, MAX_ORNAMENTS - before); after++) {
      const core = signs.slice(before, signs.length - after);
      if (core.length < MIN_CORE) continue;
      if (before + after > MAX_AROUND_DIGITS && !core.some((sign) => LETTER.test(sign))) continue;
      yield* readings(core.join(''));
    }
}

function ornamentsIn(signs: readonly string[]): number {
  const first = signs.findIndex((sign) => !ORNAMENT.test(sign));
  return Math.min(MAX_ORNAMENTS, first === -1 ? signs.length : first);
}

/**
 * The length of the part that a text repeats, at its end perhaps incompletely; `undefined` = no
 * repetition.
 */
export function periodOf(text: string): number | undefined {
  for (let period = 1; period <= text.length / 2; period++)
    if (text.startsWith(text.slice(period))) return period;
  return undefined;
}
