/** How often something was tried; no account and no address can be read from it. */
export type ThrottleCountsTable = {
  /** A keyed hash of limit, account and network. */
  bucket: number;
  hits: number;
  since: number;
  expires_at: number;
};
