import { hash } from 'node:crypto';
import { createRequire } from 'node:module';
import { createScheme, type Reading } from './scheme.ts';

// 2^14 rounds take about a second of a core; Django ships 2^12.
const MAX_COST = 14;
const BCRYPT = /^\$2[aby]\$(\d{2})\$[./A-Za-z0-9]{53}$/;

type Parameters = {
  readonly stored: string;
  readonly isPrehashed: boolean;
  readonly cost: number;
};
type Library = typeof import('@node-rs/bcrypt');

// Loaded with the first such password, because most installations have none.
let library: Library | undefined;
const load = (): Library => {
  library ??= createRequire(import.meta.url)('@node-rs/bcrypt') as Library;
  return library;
};

/**
 * bcrypt as `$2a$`, `$2b$` and `$2y$`, with Django's prefixes `bcrypt$` and `bcrypt_sha256$`. bcrypt
 * reads only 72 bytes of a password, except where Django hashes it with SHA-256 first.
 */
export const bcrypt = createScheme<Parameters>({
  reads: (stored) => /^(?:bcrypt(?:_sha256)?\$)?\$2/.test(stored),
  read,
  costs: ({ cost }) => `bcrypt ${cost}`,
  matches({ stored, isPrehashed }, password) {
    const matches = load().verifySync(isPrehashed ? hash('sha256', password) : password, stored);
    // bcrypt stops at a NUL, so another password would match. Checked last, so that this failure
    // takes as long as every other.
    return matches && (isPrehashed || !password.includes('\0'));
  },
});

function read(text: string): Reading<Parameters> {
  const stored = text.replace(/^bcrypt(?:_sha256)?\$/, '');
  const cost = Number(BCRYPT.exec(stored)?.[1]);
  if (!(cost >= 4 && cost <= 31)) return 'damaged';
  if (cost > MAX_COST) return 'too_costly';
  return { stored, isPrehashed: text.startsWith('bcrypt_sha256$'), cost };
}
