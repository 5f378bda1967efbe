import type { Generated } from 'kysely';

/** One row: which installation this is, to tell its backups from another one's. */
export type InstallationTable = {
  /** Random, made with the table. */
  id: string;
  created_at: number;
  /** The key that numbers the buckets of `throttle_counts`: 32 random bytes in hex. */
  throttle_key: Generated<string>;
  /** Since when every account must have a second factor; null = none must. */
  mfa_required_at: Generated<number | null>;
  /** When the last backup was made; null = none is known. */
  last_backup_at: Generated<number | null>;
};
