import { object } from '../http/openapi/fields.ts';
import type { User } from './user.ts';

/** What a client may see of a new account; responses are serialised from this list alone. */
export const userView = object({ id: { type: 'integer' }, email: { type: 'string' } });

/** What the owner of an account may see of it: its claims too, where it has any. */
export const accountView = {
  ...userView,
  properties: {
    ...userView.properties,
    claims: { type: 'object', additionalProperties: true },
  },
};

export const viewOf = ({ id, email, claims }: User) => ({
  id,
  email,
  ...(Object.keys(claims).length > 0 && { claims }),
});
