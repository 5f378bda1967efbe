import type { Algorithm } from './algorithms.ts';

/** Does this signature belong to this signing input (ASCII)? Never throws on hostile bytes. */
export type SignatureCheck = (input: string, signature: Buffer) => boolean;

/**
 * A key that verifies one algorithm. Made by `importJwk` and `importSecret` only. Opaque and
 * frozen: the key material is out of reach of logs, `util.inspect` and `JSON.stringify`.
 */
export class VerificationKey {
  /** The one algorithm that the key verifies. */
  readonly algorithm: Algorithm;
  readonly #check: SignatureCheck;

  constructor(algorithm: Algorithm, check: SignatureCheck) {
    this.algorithm = algorithm;
    this.#check = check;
    Object.freeze(this);
  }

  /** Static, so that an object merely shaped like a key is a TypeError, not a way in. */
  static check(key: VerificationKey, input: string, signature: Buffer): boolean {
    return key.#check(input, signature);
  }
}
