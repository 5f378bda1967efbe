/** The bodies of a login: its request, and the fields of its response beside the tokens. */
import { type ObjectSchema, requiredText, text } from '../http/openapi/schema.ts';
import { storedClaims } from '../users/custom-claims.ts';
import type { LoginFields } from '../users/login-name.ts';
import { ACCOUNT, TOKEN_PAIR, viewOf } from '../users/view.ts';
import type { LoggedIn } from './open-session.ts';
import { ACCESS_TOKEN } from './schemas.ts';

export type LoginSettings = {
  readonly loginFields: LoginFields;
  /** Whether the response includes the account. */
  readonly tokenResponseUser: boolean;
};

const LOGIN = {
  title: 'Login',
  type: 'object',
  required: ['email', 'password'],
  properties: {
    email: requiredText('user@example.com'),
    password: requiredText('correct horse 9 battery'),
    /** The code of the second factor, if the account has one, for a login in one step. */
    code: requiredText('123456'),
  },
} as const satisfies ObjectSchema;

/** One of the two names is required; the username counts only without an address. */
const NAMED_LOGIN = {
  title: 'Login',
  type: 'object',
  required: ['password'],
  properties: { ...LOGIN.properties, username: requiredText('alice') },
  if: { required: ['username'] },
  else: { required: ['email'] },
} as const;

export const PAIR_AND_USER = {
  title: 'TokenPairAndUser',
  type: 'object',
  required: ['refresh', 'access', 'user'],
  properties: { ...TOKEN_PAIR.properties, user: ACCOUNT },
} as const satisfies ObjectSchema;

/** As after any login, with the recovery codes of a factor that was set up by it. */
export const COMPLETED_PAIR = {
  title: 'CompletedTokenPair',
  type: 'object',
  required: ['refresh', 'access'],
  properties: {
    ...PAIR_AND_USER.properties,
    recovery_codes: { type: 'array', items: text },
  },
} as const satisfies ObjectSchema;

export const ACCESS_AND_USER = {
  title: 'AccessTokenAndUser',
  type: 'object',
  required: ['access', 'user'],
  properties: { ...ACCESS_TOKEN.properties, user: ACCOUNT },
} as const satisfies ObjectSchema;

export const COMPLETED_ACCESS = {
  title: 'CompletedAccessToken',
  type: 'object',
  required: ['access'],
  properties: {
    ...ACCESS_AND_USER.properties,
    recovery_codes: COMPLETED_PAIR.properties.recovery_codes,
  },
} as const satisfies ObjectSchema;

export const COMPLETION = {
  title: 'SecondFactor',
  type: 'object',
  required: ['challenge', 'code'],
  properties: { challenge: requiredText('AAAAAAAB7nO3…'), code: requiredText('123456') },
} as const satisfies ObjectSchema;

export const loginBody = ({ loginFields }: LoginSettings) =>
  loginFields.includes('username') ? NAMED_LOGIN : LOGIN;

type Body = {
  readonly email?: string;
  readonly username?: unknown;
  readonly password: string;
  readonly code?: string;
};

export const credentialsOf = ({ email, username = '', password, code }: Body) => ({
  name: email ?? String(username),
  password,
  code,
});

export const codesOf = ({ recoveryCodes }: LoggedIn) =>
  recoveryCodes ? { recovery_codes: [...recoveryCodes] } : {};

/** The account, with the claims of the access token, if the settings ask for it. */
export const userOf = ({ user, session }: LoggedIn, { tokenResponseUser }: LoginSettings) =>
  tokenResponseUser
    ? { user: viewOf({ ...user, claims: storedClaims(session.owner.claims) }) }
    : {};
