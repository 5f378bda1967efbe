import type { ForeignFactors } from './apps.ts';
import type { Candidate } from './candidate.ts';
import type { ClaimColumn } from './claim-columns.ts';

/** The logout of a refresh token that its issuer has blacklisted. */
export type Logout = {
  /** The claims of the token, unverified. */
  readonly claims: Readonly<Record<string, unknown>>;
};

/** The ids that a source has assigned, besides those of its present rows. */
export type GivenIds = {
  /** The last number of the column's sequence; `undefined` if the source has none. */
  readonly counter: number | undefined;
  /** The highest id that a token of the source names, 0 = none. */
  readonly inTokens: number;
};

/** Everything that is read from one source. */
export type Contents = {
  /** For people: the file or the database. */
  readonly source: string;
  /** The table or model of the accounts; for a CSV file, the file. */
  readonly table: string;
  /** Read as they are consumed, so that the source may have any size. */
  readonly candidates: AsyncIterable<Candidate>;
  readonly given: GivenIds;
  readonly logouts: readonly Logout[];
  /** Absent: the source has none. */
  readonly factors?: ForeignFactors;
};

/** The table and the columns, if a source has them under other names. */
export type Columns = {
  readonly table?: string | undefined;
  /** `undefined` = `id`, or the primary key of a dump. */
  readonly id?: string | undefined;
  readonly email: string;
  /** The column with the usernames; `undefined` = they are not imported. */
  readonly username?: string | undefined;
  /** Columns that become claims. */
  readonly claims?: readonly ClaimColumn[] | undefined;
  /** The name of the user's id in the source's tokens; default `user_id`. */
  readonly userIdClaim?: string | undefined;
};

/** The source cannot be read, or is not what the operator said; the message says what was found. */
export class SourceError extends Error {
  override name = 'SourceError';
}

/** The claims of a token's text, unverified; `undefined` when it is not a token. */
export function claimsIn(token: unknown): Logout['claims'] | undefined {
  try {
    const payload = String(token).split('.')[1] ?? '';
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    return typeof claims === 'object' && claims !== null ? (claims as Logout['claims']) : undefined;
  } catch {
    return undefined;
  }
}
