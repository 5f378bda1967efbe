/** Codes of authenticator apps: TOTP, RFC 6238. Pure. */
import { Secret, TOTP } from 'otpauth';

/**
 * The parameters that an app and the service share. Always SHA-1: many apps silently ignore any
 * other algorithm.
 */
type Totp = {
  readonly secret: Uint8Array;
  /** 6; an imported app may have 8. */
  readonly digits: number;
  /** Seconds of a time step. */
  readonly period: number;
};

export const SECRET_BYTES = 20;
export const DIGITS = 6;
export const PERIOD = 30;

/** Accepted steps before and after the present one, for slow users and wrong clocks (RFC 6238 §5.2). */
const WINDOW = 1;

const sharedSecret = (bytes: Uint8Array) => new Secret({ buffer: Uint8Array.from(bytes).buffer });

/**
 * The time step whose code this is.
 *
 * @param now epoch milliseconds
 * @returns `undefined` when it is the code of no step that is accepted at `now`
 */
export function stepOf(code: string, totp: Totp, now: number): number | undefined {
  const { digits, period } = totp;
  // Apps show codes in groups.
  const token = code.replaceAll(' ', '');
  if (token.length !== digits || !/^\d+$/.test(token)) return undefined;
  const secret = sharedSecret(totp.secret);
  const delta = TOTP.validate({ token, secret, digits, period, timestamp: now, window: WINDOW });
  return delta === null ? undefined : TOTP.counter({ period, timestamp: now }) + delta;
}

/** The secret for typing, and the URI for a QR code. */
export function enrolmentOf(totp: Totp, issuer: string, account: string) {
  const { digits, period } = totp;
  const secret = sharedSecret(totp.secret);
  const uri = new TOTP({ issuer, label: account, secret, digits, period }).toString();
  return { secret: secret.base32, uri };
}
