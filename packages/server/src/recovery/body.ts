/** What recovery's bodies share: the link's two parts, or an address and a code. */
import { Refusal } from '../errors.ts';
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
    new Refusal({
      code: 'invalid_fields',
      fields: Object.fromEntries(names.map((name) => [name, [{ code: 'required' as const }]])),
    });
  if (uid !== undefined && token !== undefined) return { uid, token };
  if (email !== undefined && code !== undefined) return { email, code };
  if (code !== undefined) throw missing(['email']);
  if (email !== undefined) throw missing(['code']);
  throw missing([...(uid === undefined ? ['uid'] : []), ...(token === undefined ? ['token'] : [])]);
}

/** One body for unknown, foreign, expired, spent and superseded: nothing tells them apart. */
export const invalidToken = (presented: Presented): Refusal =>
  new Refusal({
    code: 'invalid_fields',
    fields:
      'code' in presented
        ? { code: [{ code: 'code_invalid' }] }
        : { token: [{ code: 'token_invalid_for_user' }] },
  });
