/** A form of stored passwords: how it is recognised and compared. One file per scheme. */
export type Scheme = {
  /** Whether a stored text is of this scheme, from its first characters. */
  reads(stored: string): boolean;
  /**
   * Why a text of this scheme is never compared: it is damaged, or comparing would cost too much.
   * Quotes nothing of it.
   */
  fault(stored: string): 'damaged' | 'too_costly' | undefined;
  /** The costs, which determine the duration of a comparison, as a text. @throws when the text has a fault */
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

/** Makes a scheme from the reader of its texts and the functions on their parameters. */
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

/** Standard base64 exactly as Python writes it; else `undefined`. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '')
    ? bytes
    : undefined;
}
