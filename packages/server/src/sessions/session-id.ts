import { randomBytes } from 'node:crypto';

/** 128 random bits that do not start with "-", which a command line would take for an option. */
export function newSessionId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? newSessionId() : id;
}
