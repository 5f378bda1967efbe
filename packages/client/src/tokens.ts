import { attempt } from './environment.ts';

/** The token pair of a session and how old it is. Pure: time is an argument. */

export type Tokens = {
  readonly access: string;
  readonly refresh: string;
  /** Epoch milliseconds by this device's clock, just before the access token was asked for. */
  readonly at: number;
};

/** As the service makes them; of another token all may be missing, and sums of theirs are NaN. */
type Claims = { readonly iat: number; readonly exp: number; readonly sid?: string };

/** At most this long before its end, an access token is replaced: milliseconds. */
const MARGIN_MS = 15_000;

/** The claims of a token, unverified: its recipients verify it. */
const claimsOf = (token: string): Claims => ({
  ...attempt(() =>
    JSON.parse(atob(token.split('.')[1]?.replace(/-/g, '+').replace(/_/g, '/') ?? '')),
  ),
});

/** The session that tokens belong to; `undefined` where they do not say. */
export const sessionIdOf = (tokens: Tokens | undefined): string | undefined =>
  tokens && claimsOf(tokens.access).sid;

/**
 * How far an access token is in its life. Its lifetime is `exp` − `iat`, counted from its receipt by
 * this device's clock, so it does not matter how wrong that clock is. One that was turned back
 * since shows as a life too long, and a refresh fixes it. If the token has no lifetime, a 401 triggers the refresh.
 */
export function ageOf({ access, at }: Tokens, now: number): 'fresh' | 'ageing' | 'expired' {
  const { exp, iat } = claimsOf(access);
  const lifetime = (exp - iat) * 1000;
  const left = at + lifetime - now;
  if (left <= 0) return 'expired';
  return left < Math.min(lifetime / 10, MARGIN_MS) || left > lifetime ? 'ageing' : 'fresh';
}

/** Reads what `JSON.stringify` wrote; anything else is no login. */
export function parseTokens(text: string | null | undefined): Tokens | undefined {
  return attempt(() => {
    const { access, refresh, at } = JSON.parse(text ?? '');
    return access && refresh !== undefined ? { access, refresh, at } : undefined;
  });
}
