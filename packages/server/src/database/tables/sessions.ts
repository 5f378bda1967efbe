import type { Generated } from 'kysely';

/** One row per session; tokens have neither a row nor their text here. */
export type SessionsTable = {
  /** 128 random bits in base64url, and its series where that is not 0: the `sid` of its tokens. */
  id: string;
  user_id: number;
  /** How often the refresh token was rotated; the `gen` of the newest one. */
  generation: number;
  rotated_at: number;
  /** A keyed hash of the network and the user agent that made the last rotation. */
  rotated_by: Generated<string>;
  /** When and to which client the newest token was last issued for its predecessor. */
  given_at: Generated<number>;
  given_to: Generated<string>;
  /** The newest generation whose predecessor came from elsewhere, and how many in a row did. */
  late_generation: number;
  late_streak: number;
  created_at: number;
  /** When its newest refresh token expires. */
  expires_at: number;
  last_used_at: number;
  ended_at: number | null;
  end_reason: string | null;
  user_agent: string;
  address: string;
  /** The account's `session_series` when it was opened, or when it was last kept. */
  series: Generated<number>;
  /** When and how its user was last authenticated (sessions/authentication.ts); null = by password, at the login. */
  auth: Generated<string | null>;
};
