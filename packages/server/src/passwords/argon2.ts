import { hashSync, verifySync } from '@node-rs/argon2';
import type { Argon2Cost } from '../setting-values.ts';
import type { Scheme } from './scheme.ts';

const SALT_BYTES = 16;
const TAG_BYTES = 32;

const parameters = ({ memoryKiB, passes, parallelism }: Argon2Cost) =>
  `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${parallelism}$`;

/** Argon2 as PHC strings: of these costs what is made here, of any costs what is read. */
export const argon2: Scheme = {
  reads: (stored) => stored.startsWith('$argon2'),
  matches: (stored, password) => verifySync(stored, password),
};

/** A PHC string with a fresh 16-byte salt and a 32-byte tag. */
export const hashArgon2 = (password: string, cost: Argon2Cost): string =>
  hashSync(password, {
    memoryCost: cost.memoryKiB,
    timeCost: cost.passes,
    parallelism: cost.parallelism,
    outputLen: TAG_BYTES,
  });

/** Whether a stored hash was made by `hashArgon2` with these costs. */
export const isOfCost = (stored: string, cost: Argon2Cost): boolean =>
  stored.startsWith(parameters(cost));

/** A hash of no password: comparing with it costs what comparing with a real one does. */
export function createDummy(cost: Argon2Cost): string {
  const random = (bytes: number) =>
    Buffer.from(crypto.getRandomValues(new Uint8Array(bytes)))
      .toString('base64')
      .replaceAll('=', '');
  return `${parameters(cost)}${random(SALT_BYTES)}$${random(TAG_BYTES)}`;
}
