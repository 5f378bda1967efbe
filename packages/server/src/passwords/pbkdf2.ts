import { pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { createScheme, decodeBase64, type Reading } from './scheme.ts';

// Django 6 ships 1.2 million; three take about a second of a core.
const MAX_ITERATIONS = 3_000_000;
const DIGESTS = { sha256: 32, sha1: 20 } as const;

type Parameters = {
  readonly digest: keyof typeof DIGESTS;
  readonly iterations: number;
  readonly salt: string;
  readonly key: Buffer;
};

/** Django's `pbkdf2_sha256$…` and `pbkdf2_sha1$…`: ITERATIONS$SALT$KEY (django.contrib.auth.hashers). */
export const pbkdf2 = createScheme<Parameters>({
  reads: (stored) => stored.startsWith('pbkdf2_'),
  read,
  costs: ({ digest, iterations }) => `pbkdf2_${digest} ${iterations}`,
  matches: ({ digest, iterations, salt, key }, password) =>
    timingSafeEqual(pbkdf2Sync(password, salt, iterations, key.length, digest), key),
});

function read(stored: string): Reading<Parameters> {
  const match = /^pbkdf2_(sha256|sha1)\$(\d{1,10})\$([^$]{1,128})\$([\w+/]+=*)$/.exec(stored);
  if (!match) return 'damaged';
  const [, digest = '', iterations = '', salt = '', encoded = ''] = match;
  const key = decodeBase64(encoded);
  if (digest !== 'sha256' && digest !== 'sha1') return 'damaged';
  if (key?.length !== DIGESTS[digest] || Number(iterations) < 1) return 'damaged';
  if (Number(iterations) > MAX_ITERATIONS) return 'too_costly';
  return { digest, iterations: Number(iterations), salt, key };
}
