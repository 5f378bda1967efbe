/** The common fields of recovery's bodies: the link's two parts, or an address and a code. */

import { type ObjectSchema, requiredFormat, requiredText } from '../http/openapi/schema.ts';
import { ADDRESS } from '../users/email.ts';
import type { Presented } from './presented.ts';

export const EMAIL = requiredFormat(ADDRESS, 'user@example.com');

/** Either `uid` and `token` or `email` and `code`. */
export const PRESENTED = {
  uid: requiredText('Mg'),
  token: requiredText('AAAAAAABb0v…'),
  email: EMAIL,
  code: requiredText('01234567'),
} as const;

/** The required fields: those of the code if there is one, else those of the link. */
export const EITHER = {
  if: { required: ['code'] },
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word
  then: { required: ['email', 'code'] },
  else: { required: ['uid', 'token'] },
} as const;

/** A body that names an address and nothing else. */
export const ADDRESSED = {
  title: 'EmailAddress',
  type: 'object',
  required: ['email'],
  properties: { email: EMAIL },
} as const satisfies ObjectSchema;

type Body = { readonly [Name in keyof typeof PRESENTED]?: string | undefined };

/** The proof in a body that passed its schema. */
export const presentedIn = ({ uid = '', token = '', email, code }: Body): Presented =>
  email !== undefined && code !== undefined ? { email, code } : { uid, token };
