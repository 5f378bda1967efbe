/** A form of stored password: how it is told from others and compared. One file per scheme. */
export type Scheme = {
  /** Whether a stored text is of this scheme, from its first characters. */
  reads(stored: string): boolean;
  /**
   * Why a text of this scheme will never be compared: it is damaged, or asks for more work than
   * anybody who can write it may have done here. Quotes nothing of it.
   */
  fault(stored: string): 'damaged' | 'too_costly' | undefined;
  /** What the time of a comparison depends on, as a text. @throws when the text has a fault */
  costs(stored: string): string;
  /**
   * Compares in constant time, on the calling thread.
   *
   * @throws when the stored text has a fault; the message does not quote it
   */
  matches(stored: string, password: string): boolean;
};

/** The parameters of a text, or its fault. */
export type Reading<Parameters> = Parameters | 'damaged' | 'too_costly';

/** A scheme from how its text is read and what is done with what was read. */
export function createScheme<Parameters extends object>({
  reads,
  read,
  costs,
  matches,
}: {
  readonly reads: Scheme['reads'];
  readonly read: (stored: string) => Reading<Parameters>;
  readonly costs: (parameters: Parameters) => string;
  readonly matches: (parameters: Parameters, password: string) => boolean;
}): Scheme {
  const parametersOf = (stored: string): Parameters => {
    const reading = read(stored);
    if (typeof reading === 'string') throw new Error(`a stored password is ${reading}`);
    return reading;
  };
  return {
    reads,
    fault(stored) {
      const reading = read(stored);
      return typeof reading === 'string' ? reading : undefined;
    },
    costs: (stored) => costs(parametersOf(stored)),
    matches: (stored, password) => matches(parametersOf(stored), password),
  };
}

/** Standard base64 as Python writes it; `undefined` when the text is not that, to the letter. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '')
    ? bytes
    : undefined;
}
