/** Rules for new passwords, and how they are hashed. */
import { type Argon2Cost, argon2Cost, integer, type Setting, words } from './values.ts';

export const passwordSettings = {
  GATEPASS_PASSWORD_MIN_LENGTH: {
    fallback: '8',
    expects: 'a number of characters from 8 to 64',
    parse: integer(8, 64),
  } satisfies Setting<number>,
  GATEPASS_PASSWORD_WORDS: {
    fallback: '',
    expects:
      'up to 100 words of 3 to 64 letters and digits separated by commas, such as acme,rocket',
    parse: words,
  } satisfies Setting<readonly string[]>,
  GATEPASS_PASSWORD_HASH: {
    fallback: 'm=19456,t=2,p=1',
    expects:
      'Argon2id costs of at least m=19456,t=2,p=1 or m=47104,t=1,p=1 (m in KiB, at most 1048576)',
    parse: argon2Cost,
  } satisfies Setting<Argon2Cost>,
} as const;
