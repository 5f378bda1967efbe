/** `gp_<8 id>_<32 base62><6 CRC-32>`: what a key looks like. Pure but for the randomness. */
import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 8;
const SECRET_LENGTH = 32;
const CHECKSUM_LENGTH = 6;
const KEY = /^(gp_([0-9A-Za-z]{8})_[0-9A-Za-z]{32})([0-9A-Za-z]{6})$/;

const random = (length: number): string =>
  Array.from({ length }, () => DIGITS[randomInt(DIGITS.length)]).join('');

/** The checksum exposes a mistyped or made-up key without a database read, here and in secret scanners. */
function checksumOf(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    digits = DIGITS[rest % DIGITS.length] + digits;
    rest = Math.floor(rest / DIGITS.length);
  }
  return digits;
}

/** 190 random bits behind an id of 47. */
export function newKey(): { readonly id: string; readonly text: string } {
  const id = random(ID_LENGTH);
  const unchecked = `gp_${id}_${random(SECRET_LENGTH)}`;
  return { id, text: unchecked + checksumOf(unchecked) };
}

/** The id in a key's text; `undefined` = not a key. Does not check whether the key exists. */
export function readKeyId(text: string): string | undefined {
  const [, unchecked = '', id, checksum] = KEY.exec(text) ?? [];
  return checksum !== undefined && checksumOf(unchecked) === checksum ? id : undefined;
}

/** The stored form. A fast hash suffices, because 190 random bits cannot be guessed. */
export const keyHash = (text: string): string =>
  createHash('sha256').update(text).digest('base64url');
