/** A form of stored password: how it is told from others and compared. One file per scheme. */
export type Scheme = {
  /** Whether a stored text is of this scheme, from its first characters. */
  reads(stored: string): boolean;
  /**
   * Compares in constant time, on the calling thread.
   *
   * @throws when the stored text is damaged; the message must not quote it
   */
  matches(stored: string, password: string): boolean;
};
