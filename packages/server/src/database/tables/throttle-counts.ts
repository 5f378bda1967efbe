/** Counts of attempts; no account and no address can be read from them. */
export type ThrottleCountsTable = {
  /** A keyed hash of limit, account and network. */
  bucket: number;
  hits: number;
  since: number;
  expires_at: number;
};
