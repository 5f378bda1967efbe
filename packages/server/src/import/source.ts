import type { Candidate } from './candidate.ts';

/** A refresh token that its issuer has blacklisted: what a logout with it would have left here. */
export type Logout = {
  /** The claims of the token, unverified. */
  readonly claims: Readonly<Record<string, unknown>>;
};

/** Everything that one place has to give. */
export type Contents = {
  readonly candidates: readonly Candidate[];
  readonly logouts: readonly Logout[];
};

/** Which columns hold what, where a source has them under other names. */
export type Columns = { readonly table?: string | undefined; readonly email: string };

/** The source cannot be read, or is not what it was said to be; the message says what was found. */
export class SourceError extends Error {
  override name = 'SourceError';
}

/** The claims of a token's text, unverified; `undefined` when it is none. */
export function claimsIn(token: unknown): Logout['claims'] | undefined {
  try {
    const payload = String(token).split('.')[1] ?? '';
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    return typeof claims === 'object' && claims !== null ? (claims as Logout['claims']) : undefined;
  } catch {
    return undefined;
  }
}
