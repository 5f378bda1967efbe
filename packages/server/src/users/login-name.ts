/** The name of an account at a login: its address, or its username if those are enabled. Pure. */
import { type Email, parseEmail } from './email.ts';
import { parseUsername, type Username } from './username.ts';

export type LoginFields = readonly ('email' | 'username')[];

type LoginName =
  | { readonly kind: 'email'; readonly name: Email }
  | { readonly kind: 'username'; readonly name: Username };

/** `undefined` = no account can have it. A text with "@" is an address and never a username. */
export function readLoginName(text: string, fields: LoginFields): LoginName | undefined {
  const email = parseEmail(text);
  if (email) return { kind: 'email', name: email };
  const username = fields.includes('username') ? parseUsername(text) : undefined;
  return username && { kind: 'username', name: username };
}

/**
 * The name under which attempts are counted, whether there is such an account or not. Address and
 * username of an account are counted separately, because common counts would reveal that they belong
 * together.
 */
export const accountNamed = (text: string, fields: LoginFields): string =>
  readLoginName(text, fields)?.name.canonical ?? text;
