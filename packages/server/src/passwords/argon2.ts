import { hashSync, verifySync } from '@node-rs/argon2';
import type { Argon2Cost } from '../config/values.ts';
import { createScheme, type Reading } from './scheme.ts';

const SALT_BYTES = 16;
const TAG_BYTES = 32;
// For hashes made elsewhere: Django ships m=102400,t=2,p=8. Our own hashes are bounded by
// GATEPASS_PASSWORD_HASH, and may cost more.
const MAX_FOREIGN_KIB = 1024 * 1024;
const MAX_FOREIGN_WORK = 4 * MAX_FOREIGN_KIB;
const PHC =
  /^\$(argon2(?:id|i|d))\$v=19\$m=(\d{1,8}),t=(\d{1,4}),p=(\d{1,3})\$[\w+/]{11,128}\$[\w+/]{16,172}$/;

const parameters = ({ memoryKiB, passes, parallelism }: Argon2Cost) =>
  `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${parallelism}$`;

type Parameters = { readonly stored: string; readonly costs: string };

/** Argon2 as PHC strings: made with these costs, read with any bounded costs. */
export const argon2 = createScheme<Parameters>({
  reads: (stored) => stored.startsWith('$argon2'),
  read,
  costs: ({ costs }) => costs,
  matches: ({ stored }, password) => verifySync(stored, password),
});

function read(stored: string): Reading<Parameters> {
  const match = PHC.exec(stored);
  if (!match) return 'damaged';
  const [, variant, ...costs] = match;
  const [memoryKiB = 0, passes = 0, lanes = 0] = costs.map(Number);
  if (passes < 1 || lanes < 1 || memoryKiB < 8 * lanes) return 'damaged';
  const isBounded = memoryKiB <= MAX_FOREIGN_KIB && memoryKiB * passes <= MAX_FOREIGN_WORK;
  return isBounded ? { stored, costs: `${variant} ${costs}` } : 'too_costly';
}

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

/** A hash of no password: comparing with it costs as much as comparing with a real one. */
export function createDummy(cost: Argon2Cost): string {
  const random = (bytes: number) =>
    Buffer.from(crypto.getRandomValues(new Uint8Array(bytes)))
      .toString('base64')
      .replaceAll('=', '');
  return `${parameters(cost)}${random(SALT_BYTES)}$${random(TAG_BYTES)}`;
}
