import { randomBytes } from 'node:crypto';

/**
 * 128 random bits that do not start with "-", which a command line would read as an option; then
 * the session's series (revocations/revocation.ts), unless it is the account's first.
 */
export function newSessionId(series: number): string {
  const id = randomBytes(16).toString('base64url');
  if (id.startsWith('-')) return newSessionId(series);
  return series > 0 ? `${id}.${series}` : id;
}
