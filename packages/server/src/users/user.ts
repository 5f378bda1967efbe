import type { PublicId } from '../config/public-id.ts';
import type { CustomClaims } from './custom-claims.ts';
import type { Email } from './email.ts';
import type { Username } from './username.ts';

/** An account, as the rest of the service sees it. */
export type User = {
  /** Positive integer, never assigned again. */
  readonly id: number;
  /** Its id in tokens and the API. */
  readonly publicId: PublicId;
  readonly email: string;
  /** The account's identity: two spellings of one address are one account. */
  readonly canonicalEmail: string;
  /** As typed; `undefined` = none. */
  readonly username: string | undefined;
  /** When the address was verified; `undefined` = not verified. Epoch milliseconds. */
  readonly emailVerifiedAt: number | undefined;
  /** Registered where verification is required, and not verified since. */
  readonly awaitsProof: boolean;
  readonly isActive: boolean;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly lastLoginAt: number | undefined;
  /** Epoch seconds; a token with an earlier `iat` was issued before the password changed. */
  readonly tokensValidFrom: number;
  /** Custom claims of access tokens. */
  readonly claims: CustomClaims;
  /** Grows with each change of the claims. */
  readonly claimsVersion: number;
  /** Whether it may administer the service. */
  readonly isAdmin: boolean;
};

/** The filters of a list of accounts. */
export const STATUSES = ['active', 'disabled', 'unverified'] as const;
export type Status = (typeof STATUSES)[number];

/** A page of accounts in order of id. */
export type Page = {
  /** Part of the address, in upper or lower case. */
  readonly search?: string | undefined;
  readonly status?: Status | undefined;
  /** Only ids above it. */
  readonly after: number;
  readonly size: number;
};

/** A user with the stored password hash; never leaves this folder. */
export type Account = User & { readonly passwordHash: string | undefined };

/** The owner of a Bearer token, and its session; tokens of other issuers have none. */
export type Caller = { readonly user: User; readonly sessionId: string | undefined };

/** An account that comes from elsewhere with all it has. */
export type Arrival = {
  /** Whether the service that it comes from knows it under its id. */
  readonly isKnownThere: boolean;
  /** Whether that id is its primary key there. */
  readonly isKeyThere: boolean;
  /** `undefined` = the next free one. */
  readonly id: number | undefined;
  /** Its public id, in place of the integer. */
  readonly uuid: string | undefined;
  readonly email: Email;
  readonly username: Username | undefined;
  /** A JSON object. */
  readonly claims: string;
  /** `undefined` = no password matches. */
  readonly passwordHash: string | undefined;
  readonly isActive: boolean;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly lastLoginAt: number | undefined;
};
