import { type Action, action } from '../http/action.ts';
import { type ObjectSchema, requiredText } from '../http/openapi/schema.ts';
import { PROOF } from '../users/prove.ts';
import type { Caller } from '../users/user.ts';
import type { Enrolment } from './enrolment.ts';
import { RECOVERY_CODES, TOTP_SECRET } from './views.ts';

const SET_UP = {
  title: 'TotpSetUp',
  type: ['object', 'null'],
  properties: { ...PROOF, name: requiredText('Phone') },
} as const satisfies ObjectSchema;

const FIRST_CODE = {
  title: 'TotpCode',
  type: 'object',
  required: ['code'],
  properties: { code: requiredText('123456') },
} as const satisfies ObjectSchema;

type Deps = { readonly enrolment: Enrolment };

/** `POST /api/users/me/factors/totp`: begins to set up an authenticator app. */
export const setUpTotp = ({ enrolment }: Deps): Action<Caller> =>
  action({
    operationId: 'setUpTotp',
    summary: 'Set up an authenticator app',
    description:
      'Show `uri` as a QR code, and `secret` for typing. No login asks for a code before one was ' +
      'sent to `/api/users/me/factors/totp/confirm`, within 15 minutes.',
    body: SET_UP,
    response: TOTP_SECRET,
    status: 201,
    refuses: [403, 429],
    handle: ({ body, caller, request }) => enrolment.begin(caller, body, request),
  });

/** `POST /api/users/me/factors/totp/confirm`: turns the app on, and ends all other sessions. */
export const confirmTotp = ({ enrolment }: Deps): Action<Caller> =>
  action({
    operationId: 'confirmTotp',
    summary: 'Turn on the authenticator app',
    description:
      'Takes a code that the app shows, ends all other sessions and, for the first factor, returns ' +
      'ten recovery codes, which are shown this once.',
    body: FIRST_CODE,
    response: RECOVERY_CODES,
    refuses: [429],
    async handle({ body, caller, request }) {
      return { recovery_codes: await enrolment.confirm(caller, body.code, request) };
    },
  });
