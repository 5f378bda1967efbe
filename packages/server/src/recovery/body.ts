/** What recovery's bodies share: the link's two parts, or an address and a code. */

import { invalidFields } from '../errors.ts';
import { type ObjectSchema, requiredFormat, requiredText } from '../http/openapi/fields.ts';
import { REQUIRED } from '../http/refusals.ts';
import { ADDRESS } from '../users/email.ts';
import type { Presented } from './presented.ts';

export const EMAIL = requiredFormat(ADDRESS, 'user@example.com');

const PRESENTED = {
  uid: requiredText('Mg'),
  token: requiredText('AAAAAAABb0v…'),
  email: EMAIL,
  code: requiredText('01234567'),
};

/** Required fields, beside either `uid` and `token` or `email` and `code`. */
export const withPresented = <Name extends string>(
  required: ObjectSchema<Name>,
): ObjectSchema<Name> => ({
  ...required,
  properties: { ...PRESENTED, ...required.properties },
});

type Body = Readonly<Record<string, string | undefined>>;

/** @throws {Refusal} `invalid_fields` when the body has neither pair whole */
export function presentedIn({ uid, token, email, code }: Body): Presented {
  const missing = (names: readonly string[]) =>
    invalidFields(Object.fromEntries(names.map((name) => [name, [REQUIRED]])));
  if (uid !== undefined && token !== undefined) return { uid, token };
  if (email !== undefined && code !== undefined) return { email, code };
  if (code !== undefined) throw missing(['email']);
  if (email !== undefined) throw missing(['code']);
  throw missing([...(uid === undefined ? ['uid'] : []), ...(token === undefined ? ['token'] : [])]);
}
