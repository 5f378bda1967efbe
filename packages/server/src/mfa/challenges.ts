/** Challenges of passkeys: signed, so that only used ones need a row. Pure. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** The purpose of a challenge, and its account if that is known. */
export type Use =
  | { readonly purpose: 'login' }
  | {
      readonly purpose: 'register' | 'confirm';
      readonly userId: number;
      readonly sessionId: string;
    };

export type Challenge = {
  /** Its random part. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** The login whose second factor it asks for (one-time-tokens/); 0 = none. */
  readonly tokenId: number;
};

/** A browser waits for its user for the same time. */
export const CHALLENGE_MS = 5 * 60_000;

const RANDOM_BYTES = 16;
const NUMBER_BYTES = 6;
const SAID_BYTES = RANDOM_BYTES + 2 * NUMBER_BYTES;
const FORM = /^[\w-]{80}$/;

const mac = (key: Uint8Array, use: Use, said: Uint8Array): Buffer => {
  const subject = use.purpose === 'login' ? [] : [use.userId, use.sessionId];
  return createHmac('sha256', key)
    .update(JSON.stringify([use.purpose, ...subject]))
    .update(said)
    .digest();
};

/** base64url(random ‖ expiry ‖ login ‖ HMAC): 80 characters. */
export function challengeText(
  key: Uint8Array,
  use: Use,
  { random, expiresAt, tokenId = 0 }: { random: Uint8Array; expiresAt: number; tokenId?: number },
): string {
  const said = Buffer.alloc(SAID_BYTES);
  said.set(random.subarray(0, RANDOM_BYTES));
  said.writeUIntBE(expiresAt, RANDOM_BYTES, NUMBER_BYTES);
  said.writeUIntBE(tokenId, RANDOM_BYTES + NUMBER_BYTES, NUMBER_BYTES);
  return Buffer.concat([said, mac(key, use, said)]).toString('base64url');
}

/** @returns `undefined` when the text is not ours, was issued for another use, or has expired */
export function readChallenge(
  key: Uint8Array,
  use: Use,
  text: string,
  now: number,
): Challenge | undefined {
  if (!FORM.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  const said = bytes.subarray(0, SAID_BYTES);
  if (!timingSafeEqual(bytes.subarray(SAID_BYTES), mac(key, use, said))) return undefined;
  const expiresAt = said.readUIntBE(RANDOM_BYTES, NUMBER_BYTES);
  if (expiresAt <= now) return undefined;
  return {
    id: said.toString('base64url', 0, RANDOM_BYTES),
    expiresAt,
    tokenId: said.readUIntBE(RANDOM_BYTES + NUMBER_BYTES, NUMBER_BYTES),
  };
}
