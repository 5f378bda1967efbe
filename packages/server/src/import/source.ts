import type { ForeignFactors } from './apps.ts';
import type { Candidate } from './candidate.ts';
import type { ClaimColumn } from './claim-columns.ts';

/** A refresh token that its issuer has blacklisted: what a logout with it would have left here. */
export type Logout = {
  /** The claims of the token, unverified. */
  readonly claims: Readonly<Record<string, unknown>>;
};

/** Which ids a source gave out, besides those of the rows that are still there. */
export type GivenIds = {
  /** The last number of the column's sequence; `undefined` where the source keeps no such count. */
  readonly counter: number | undefined;
  /** The highest id that a token of the source names, 0 = none. */
  readonly inTokens: number;
};

/** Everything that one place has to give. */
export type Contents = {
  /** For people: the file or the database. */
  readonly source: string;
  /** The table or model of the accounts; of a CSV file the file. */
  readonly table: string;
  /** Read while they are asked for, so that a source of any size passes through. */
  readonly candidates: AsyncIterable<Candidate>;
  readonly given: GivenIds;
  readonly logouts: readonly Logout[];
  /** Absent: the source has none. */
  readonly factors?: ForeignFactors;
};

/** Which table and columns hold what, where a source has them under other names. */
export type Columns = {
  readonly table?: string | undefined;
  /** `undefined` = `id`; of a dump the primary key. */
  readonly id?: string | undefined;
  readonly email: string;
  /** The column with the usernames; `undefined` = they stay behind. */
  readonly username?: string | undefined;
  /** Columns that become claims. */
  readonly claims?: readonly ClaimColumn[] | undefined;
  /** What the source's tokens call the user's id; default `user_id`. */
  readonly userIdClaim?: string | undefined;
};

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
