/** The settings of what tokens and responses say about an account. */
import { claimNameFault } from './claim-names.ts';
import type { Parsed } from './parsed.ts';
import { boolean, entriesOf, oneOf, type Setting } from './values.ts';

/** A claim that forward authentication passes on, and in which header. */
export type ForwardedClaim = { readonly name: string; readonly header: string };

const MAX_FORWARDED = 20;

/** `_` and `-` are one character to a WSGI or CGI program; others are none of a header's name. */
const headerOf = (name: string): string =>
  `x-gatepass-claim-${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;

function forwardedClaims(text: string): Parsed<readonly ForwardedClaim[]> {
  const names = entriesOf(text);
  if (names.length > MAX_FORWARDED) return { fault: `lists more than ${MAX_FORWARDED}` };
  const faulty = names.find((name) => claimNameFault(name, 'user_id'));
  if (faulty !== undefined) return {};
  const listed = names.map((name) => ({ name, header: headerOf(name) }));
  const headers = listed.map(({ header }) => header);
  const twice = listed.find(({ header }, i) => headers.indexOf(header) !== i);
  return twice
    ? { fault: `lists two claims whose header would be ${twice.header}` }
    : { value: Object.freeze(listed) };
}

/** Not one that already has a meaning, `sub` excepted, which means the same. */
function userIdClaim(name: string): Parsed<string> {
  if (name === 'user_id' || name === 'sub') return { value: name };
  const fault = claimNameFault(name, 'user_id');
  return fault === 'reserved' ? { fault: 'has a meaning already' } : fault ? {} : { value: name };
}

const LOGIN_FIELDS = ['email', 'username'] as const;

function loginFields(text: string): Parsed<readonly (typeof LOGIN_FIELDS)[number][]> {
  const listed = entriesOf(text);
  const value = LOGIN_FIELDS.filter((field) => listed.includes(field));
  return value[0] === 'email' && value.length === listed.length ? { value } : {};
}

export const claimSettings = {
  GATEPASS_LOGIN_FIELDS: {
    fallback: 'email',
    expects: 'email or email,username',
    parse: loginFields,
  } satisfies Setting<readonly (typeof LOGIN_FIELDS)[number][]>,
  GATEPASS_USER_IDS: {
    fallback: 'integer',
    expects: 'integer or uuid',
    parse: oneOf('integer', 'uuid'),
  } satisfies Setting<'integer' | 'uuid'>,
  GATEPASS_USER_ID_CLAIM: {
    fallback: 'user_id',
    expects: 'the name of a claim, such as user_id or sub',
    parse: userIdClaim,
  } satisfies Setting<string>,
  GATEPASS_TOKEN_RESPONSE_USER: {
    fallback: 'false',
    expects: 'true or false',
    parse: boolean,
  } satisfies Setting<boolean>,
  GATEPASS_FORWARD_CLAIMS: {
    fallback: '',
    expects: 'names of claims separated by commas, such as role,plan',
    parse: forwardedClaims,
  } satisfies Setting<readonly ForwardedClaim[]>,
} as const;

type Claims = { readonly forwardClaims: readonly ForwardedClaim[]; readonly userIdClaim: string };

/** Faults of combinations of settings. */
export const claimFaults = ({ forwardClaims, userIdClaim }: Claims): string[] =>
  forwardClaims.some(({ name }) => claimNameFault(name, userIdClaim))
    ? ['GATEPASS_FORWARD_CLAIMS must not list GATEPASS_USER_ID_CLAIM']
    : [];
