/** How long tokens may live that servers of this database issue or accept. */
export type TokenLifetimesTable = {
  kind: 'access' | 'sessionless';
  /** Milliseconds. */
  lifetime: number;
  /** When a server last ran with it. */
  seen_at: number;
};
