import { readPublicId } from '../config/public-id.ts';
import { NOT_FOUND, Refusal } from '../errors.ts';
import type { RequestView } from '../http/action.ts';
import { type ObjectSchema, text } from '../http/openapi/schema.ts';
import type { User } from '../users/user.ts';
import type { Users } from '../users/users.ts';
import type { AdminCaller } from './guard.ts';
import { ADMINISTRATORS_ONLY } from './refusals.ts';
import { NULLABLE_TIME, time, timeOrNull } from './view.ts';

export const USER = {
  title: 'AdminUser',
  type: 'object',
  required: [
    'id',
    'email',
    'username',
    'is_active',
    'is_admin',
    'created_at',
    'last_login_at',
    'email_verified_at',
    'claims',
  ],
  properties: {
    id: { type: ['integer', 'string'] },
    email: text,
    username: { type: ['string', 'null'] },
    is_active: { type: 'boolean' },
    is_admin: { type: 'boolean' },
    created_at: text,
    last_login_at: NULLABLE_TIME,
    email_verified_at: NULLABLE_TIME,
    claims: { type: 'object', additionalProperties: true },
  },
} as const satisfies ObjectSchema;

export const viewOfUser = (user: User) => ({
  id: user.publicId,
  email: user.email,
  username: user.username ?? null,
  is_active: user.isActive,
  is_admin: user.isAdmin,
  created_at: time(user.createdAt),
  last_login_at: timeOrNull(user.lastLoginAt),
  email_verified_at: timeOrNull(user.emailVerifiedAt),
  claims: user.claims,
});

/** The account that a path names. @throws {Refusal} `not_found` */
export async function namedUser(
  users: Users,
  { params }: Pick<RequestView, 'params'>,
): Promise<User> {
  const id = readPublicId(params['id']?.toLowerCase() ?? '');
  const user = id === undefined ? undefined : await users.findByPublicId(id);
  if (!user) throw new Refusal(NOT_FOUND);
  return user;
}

/**
 * The same, for a change. An API key must not touch administrators: with a reset link of an
 * administrator it could do everything that no key may do.
 *
 * @throws {Refusal} `not_found` or `administrators_only`
 */
export async function userToChange(
  users: Users,
  caller: AdminCaller,
  request: Pick<RequestView, 'params'>,
): Promise<User> {
  const user = await namedUser(users, request);
  if (caller.kind === 'key' && user.isAdmin) throw new Refusal(ADMINISTRATORS_ONLY);
  return user;
}
