/**
 * Whether the user of a token was authenticated in the last `minutes`: by a login with a second factor
 * or a step-up (`POST /api/users/me/confirm`). Reads `auth_time` (OpenID Connect Core §2). A login by
 * password alone leaves none, so the result is false: ask for a step-up.
 *
 * @param claims of a verified token
 * @param minutes above 0, fractions allowed
 * @param now epoch seconds, default the system clock
 * @throws {TypeError} if `minutes` is not a finite number above 0
 * @example
 * const claims = { auth_time: 1_700_000_000, amr: ['pwd', 'otp', 'mfa'] };
 * console.log(isRecent(claims, 10, 1_700_000_300)); // true
 * console.log(isRecent(claims, 10, 1_700_000_601)); // false
 */
export function isRecent(
  claims: Readonly<Record<string, unknown>>,
  minutes: number,
  now: number = Date.now() / 1000,
): boolean {
  if (!isDuration(minutes)) throw new TypeError('"minutes" must be a number above 0');
  const at = Object.hasOwn(claims, 'auth_time') ? claims['auth_time'] : undefined;
  return typeof at === 'number' && Number.isFinite(at) && now - at <= minutes * 60;
}

/**
 * Whether the user of a token was authenticated by more than a password (`mfa` in `amr`, RFC 8176 §2).
 *
 * @param claims of a verified token
 * @example
 * console.log(hasFactor({ amr: ['pwd', 'otp', 'mfa'] })); // true
 * console.log(hasFactor({})); // false
 */
export function hasFactor(claims: Readonly<Record<string, unknown>>): boolean {
  const methods: unknown = Object.hasOwn(claims, 'amr') ? claims['amr'] : undefined;
  return Array.isArray(methods) && methods.includes('mfa');
}

export const isDuration = (minutes: unknown): minutes is number =>
  typeof minutes === 'number' && Number.isFinite(minutes) && minutes > 0;
