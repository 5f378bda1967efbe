import { object, withOptional } from '../http/openapi/fields.ts';
import type { User } from './user.ts';

/** What a client may see of a new account; responses are serialised from this list alone. */
export const userView = withOptional(
  object({ id: { type: ['integer', 'string'] }, email: { type: 'string' } }),
  {
    username: { type: 'string' },
  },
);

/** What the owner of an account may see of it: its claims too, where it has any. */
export const accountView = withOptional(userView, {
  claims: { type: 'object', additionalProperties: true },
});

export const viewOf = ({ publicId, email, username, claims }: User) => ({
  id: publicId,
  email,
  ...(username !== undefined && { username }),
  ...(Object.keys(claims).length > 0 && { claims }),
});
