/** Recovery codes: their form, and the hashes that are stored. Pure. */
import { hash } from 'node:crypto';
import type { Seal } from '../keys/seal.ts';

export const CODES = 10;
/** 120 random bits, so that trying codes cannot reverse a plain hash (ASVS 6.5.2). */
export const CODE_BYTES = 15;
const GROUP = 4;
/** RFC 4648's base32 in lower case, without the digits 0, 1 and 8, which look like letters. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const CODE = /^[a-z2-7]{24}$/;

/** `xxxx-xxxx-xxxx-xxxx-xxxx-xxxx`. */
export function codeFrom(random: Uint8Array): string {
  const bits = [...random].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const letters = (bits.match(/.{5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five, 2)]);
  return letters.join('').replace(new RegExp(`(.{${GROUP}})(?=.)`, 'g'), '$1-');
}

/** A code without its case and its groups, for comparison; `undefined` = not a recovery code. */
export function readCode(text: string): string | undefined {
  if (text.length > 64) return undefined;
  const code = text.toLowerCase().replace(/[\s-]/g, '');
  return CODE.test(code) ? code : undefined;
}

/** The codes of django-otp have 40 random bits, which a plain hash would not protect. */
const STATIC = /^[a-z2-7]{8,16}$/;

/** A code that may be a static one of django-otp; an app's code can look the same. */
export const readStatic = (text: string): string | undefined => {
  const code = text.trim().toLowerCase();
  return STATIC.test(code) ? code : undefined;
};

/** The prefix that distinguishes hashes of static codes from others. */
export const KEYED = 'hmac:';

/** The hash under the present master key, then under the former one; empty without a key. */
export const staticHashes = (seal: Pick<Seal, 'hashes'>, userId: number, code: string): string[] =>
  seal.hashes(`${userId}:${code}`).map((mac) => KEYED + mac);

/** @param code as `readCode` returns it */
export const hashOf = (userId: number, code: string): string =>
  hash('sha256', `${userId}:${code}`, 'hex');
