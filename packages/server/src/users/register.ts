import { invalidFields, Refusal } from '../errors.ts';
import { action } from '../http/action.ts';
import { type ObjectSchema, requiredFormat, requiredText } from '../http/openapi/schema.ts';
import type { Throttle } from '../throttle/attempt.ts';
import { ADDRESS } from './email.ts';
import type { LoginFields } from './login-name.ts';
import { REGISTRATION_CLOSED } from './refusals.ts';
import type { Registering } from './registration.ts';
import type { Users } from './users.ts';
import { NEW_ACCOUNT, viewOf } from './view.ts';

/** Verifies the address of a new account, if the service verifies addresses. */
export type Proving = Required<Pick<Registering, 'within' | 'replacesUnverified' | 'admitMail'>> & {
  /** Called after the commit. */
  readonly committed: () => void;
};

type Deps = {
  readonly users: Users;
  readonly throttle: Throttle;
  readonly proving: Proving | undefined;
  readonly config: {
    readonly registration: 'open' | 'closed';
    readonly loginFields: LoginFields;
  };
};

const REGISTRATION = {
  title: 'Registration',
  type: 'object',
  required: ['email', 'password'],
  properties: {
    email: requiredFormat(ADDRESS, 'user@example.com'),
    password: requiredText('correct horse 9 battery'),
  },
} as const satisfies ObjectSchema;

const NAMED_REGISTRATION = {
  ...REGISTRATION,
  properties: { ...REGISTRATION.properties, username: requiredText('alice') },
} as const satisfies ObjectSchema;

function usernameIn({ username }: Readonly<Record<string, unknown>>, loginFields: LoginFields) {
  return loginFields.includes('username') && typeof username === 'string' ? { username } : {};
}

/** `POST /api/users`: a new account. */
export const register = ({ users, throttle, proving, config }: Deps) =>
  action({
    operationId: 'register',
    summary: 'Register',
    description: 'Creates an account. An address that differs only in case is the same account.',
    body: config.loginFields.includes('username') ? NAMED_REGISTRATION : REGISTRATION,
    status: 201,
    refuses: [403, 429],
    response: NEW_ACCOUNT,
    async handle({ body, request }) {
      if (config.registration === 'closed') throw new Refusal(REGISTRATION_CLOSED);
      const requester = { ...request.requester(), device: request.device().userAgent };
      const result = await users.register(body.email, body.password, request.device(), {
        requester,
        ...usernameIn(body, config.loginFields),
        admit: (account) => throttle.register(account, requester),
        ...proving,
      });
      if (!result.ok) throw invalidFields(result.faults);
      proving?.committed();
      return viewOf(result.user);
    },
  });
