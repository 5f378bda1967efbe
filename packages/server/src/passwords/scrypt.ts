import { scryptSync, timingSafeEqual } from 'node:crypto';
import { createScheme, decodeBase64, type Reading } from './scheme.ts';

const MIB = 1024 * 1024;
// Django 5 ships N=2^14, r=8, p=5: 16 MiB, five times.
const MAX_MEMORY = 128 * MIB;
const MAX_WORK = 8 * MAX_MEMORY;

type Parameters = {
  readonly salt: string | Buffer;
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
  readonly key: Buffer;
};

/** Django's `scrypt$N$SALT$R$P$KEY`, and PHC strings `$scrypt$ln=…,r=…,p=…$SALT$KEY` (RFC 7914). */
export const scrypt = createScheme<Parameters>({
  reads: (stored) => stored.startsWith('scrypt$') || stored.startsWith('$scrypt$'),
  read: (stored) => (stored.startsWith('$') ? readPhc(stored) : readDjango(stored)),
  costs: ({ cost, blockSize, parallelization }) => `scrypt ${cost},${blockSize},${parallelization}`,
  matches({ salt, key, cost, blockSize, parallelization }, password) {
    const maxmem = 2 * MAX_MEMORY;
    const options = { cost, blockSize, parallelization, maxmem };
    return timingSafeEqual(scryptSync(password, salt, key.length, options), key);
  },
});

function readDjango(stored: string): Reading<Parameters> {
  const match = /^scrypt\$(\d{1,10})\$([^$]{1,128})\$(\d{1,4})\$(\d{1,4})\$([\w+/]+=*)$/.exec(
    stored,
  );
  if (!match) return 'damaged';
  const [, cost, salt = '', blockSize, parallelization, key = ''] = match;
  return bounded(Number(cost), Number(blockSize), Number(parallelization), salt, decodeBase64(key));
}

function readPhc(stored: string): Reading<Parameters> {
  const match = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,4}),p=(\d{1,4})\$([\w+/]{1,128})\$([\w+/]+)$/.exec(
    stored,
  );
  if (!match) return 'damaged';
  const [, log, blockSize, parallelization, salt = '', key = ''] = match;
  const saltBytes = decodeBase64(salt);
  if (!saltBytes) return 'damaged';
  return bounded(
    2 ** Number(log),
    Number(blockSize),
    Number(parallelization),
    saltBytes,
    decodeBase64(key),
  );
}

function bounded(
  cost: number,
  blockSize: number,
  parallelization: number,
  salt: string | Buffer,
  key: Buffer | undefined,
): Reading<Parameters> {
  const isPowerOfTwo = cost > 1 && Number.isInteger(Math.log2(cost));
  if (!isPowerOfTwo || blockSize < 1 || parallelization < 1) return 'damaged';
  if (!key || key.length < 16 || key.length > 64) return 'damaged';
  const memory = 128 * cost * blockSize;
  if (memory > MAX_MEMORY || memory * parallelization > MAX_WORK) return 'too_costly';
  return { salt, cost, blockSize, parallelization, key };
}
