/** How commands name accounts, and what they print of one. */

import { readPublicId } from '../config/public-id.ts';
import type { FieldFaults } from '../errors.ts';
import { say } from '../language.ts';
import type { User } from '../users/user.ts';
import type { Users } from '../users/users.ts';
import { CliError, EXIT } from './failure.ts';

/**
 * @param name an address, a username or an id; an address always has an "@"
 * @throws {CliError} when no account has it
 */
export async function findUser(users: Users, name: string): Promise<User> {
  const id = readPublicId(name.toLowerCase());
  const user = id
    ? await users.findByPublicId(id)
    : name.includes('@')
      ? await users.findByEmail(name)
      : await users.findByUsername(name);
  if (!user) throw notFound(name);
  return user;
}

export const notFound = (name: string) =>
  new CliError(
    EXIT.notFound,
    `No user has the ${readPublicId(name.toLowerCase()) ? 'id' : name.includes('@') ? 'address' : 'username'} ${JSON.stringify(name)}. "gatepass user list" shows all.`,
  );

export const refused = (faults: FieldFaults) =>
  new CliError(
    EXIT.refused,
    Object.entries(faults)
      .flatMap(([field, all]) => all.map((f) => `${field}: ${say(f, 'en', f.values)}`))
      .join('\n'),
  );

const time = (epochMs: number | undefined) =>
  epochMs === undefined ? null : new Date(epochMs).toISOString();

/** For programs. */
export const view = (user: User) => ({
  id: user.publicId,
  email: user.email,
  ...(user.username !== undefined && { username: user.username }),
  is_active: user.isActive,
  ...(user.isAdmin && { is_admin: true }),
  created_at: time(user.createdAt),
  last_login_at: time(user.lastLoginAt),
  ...(Object.keys(user.claims).length > 0 && { claims: user.claims }),
});

/** For people. */
export const row = (user: User) =>
  [
    String(user.publicId).padStart(6),
    user.isActive ? 'active  ' : 'disabled',
    `since ${time(user.createdAt)?.slice(0, 10)}`,
    `last login ${time(user.lastLoginAt)?.slice(0, 16) ?? 'never'.padEnd(16)}`,
    user.email,
  ].join('  ');
