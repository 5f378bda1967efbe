import { type ObjectSchema, text } from '../http/openapi/schema.ts';
import type { User } from './user.ts';

/** The public fields of a new account; responses are serialised from this list alone. */
export const NEW_ACCOUNT = {
  title: 'NewAccount',
  type: 'object',
  required: ['id', 'email'],
  properties: { id: { type: ['integer', 'string'] }, email: text, username: text },
} as const satisfies ObjectSchema;

/** The fields that the owner of an account sees, with its claims if it has any. */
export const ACCOUNT = {
  ...NEW_ACCOUNT,
  title: 'Account',
  properties: {
    ...NEW_ACCOUNT.properties,
    claims: { type: 'object', additionalProperties: true },
  },
} as const satisfies ObjectSchema;

/** The tokens of a new session: of a login, or of a changed password. */
export const TOKEN_PAIR = {
  title: 'TokenPair',
  type: 'object',
  required: ['refresh', 'access'],
  properties: { refresh: text, access: text },
} as const satisfies ObjectSchema;

export const viewOf = ({ publicId, email, username, claims }: User) => ({
  id: publicId,
  email,
  ...(username !== undefined && { username }),
  ...(Object.keys(claims).length > 0 && { claims }),
});
