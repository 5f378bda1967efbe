/** Codes that replace a lost factor, once each. */
export type RecoveryCodesTable = {
  /** SHA-256 of the account's id and the code, which has 120 random bits; a keyed one of a code with 40. */
  hash: string;
  user_id: number;
  created_at: number;
  used_at: number | null;
};
