/** Used challenges of passkeys, so that none is valid twice. Unused ones are not stored. */
export type SpentChallengesTable = {
  /** Its random part, in base64url. */
  id: string;
  expires_at: number;
};
