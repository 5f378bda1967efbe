/** What recovery's bodies share: the link's two parts, or an address and a code. */

import { type ObjectSchema, requiredFormat, requiredText } from '../http/openapi/fields.ts';
import { ADDRESS } from '../users/email.ts';
import type { Presented } from './presented.ts';

export const EMAIL = requiredFormat(ADDRESS, 'user@example.com');

const PRESENTED = {
  uid: requiredText('Mg'),
  token: requiredText('AAAAAAABb0v…'),
  email: EMAIL,
  code: requiredText('01234567'),
};

const BY_LINK = { required: ['uid', 'token'] };
const BY_CODE = { required: ['email', 'code'] };

/** Required fields, beside either `uid` and `token` or `email` and `code`. */
export const withPresented = <Name extends string>(
  required: ObjectSchema<Name>,
): ObjectSchema<Name> => ({
  ...required,
  properties: { ...PRESENTED, ...required.properties },
  if: { required: ['code'] },
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word
  then: BY_CODE,
  else: BY_LINK,
});

type Body = Readonly<Record<string, string | undefined>>;

/** Of a body that passed its schema. */
export const presentedIn = ({ uid = '', token = '', email, code }: Body): Presented =>
  email !== undefined && code !== undefined ? { email, code } : { uid, token };
