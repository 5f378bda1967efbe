/** Challenges of passkeys that were answered: none is good twice. Those that were not are not stored. */
export type SpentChallengesTable = {
  /** Its random part, in base64url. */
  id: string;
  expires_at: number;
};
