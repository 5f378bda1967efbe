/** Lifetimes of the tokens that servers of this database issue or accept. */
export type TokenLifetimesTable = {
  kind: 'access' | 'sessionless';
  /** Milliseconds. */
  lifetime: number;
  /** When a server last ran with this lifetime. */
  seen_at: number;
};
