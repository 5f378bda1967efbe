import type { Tx } from '../database/database.ts';
import { Refusal } from '../errors.ts';
import { type Action, action } from '../http/action.ts';
import { type ObjectSchema, requiredText } from '../http/openapi/schema.ts';
import type { Throttle } from '../throttle/attempt.ts';
import { PROOF } from '../users/prove.ts';
import type { Caller } from '../users/user.ts';
import type { Factors } from './factors.ts';
import { EMAIL_UNPROVED, wrongCode } from './refusals.ts';
import type { StepUp } from './step-up.ts';
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

const NAME_LENGTH = 60;

type SetUpDeps = {
  readonly factors: Factors;
  readonly stepUp: StepUp;
  /** Unless `smtpUrl` is `off`, a reset may take the account back until its address is proved. */
  readonly config: { readonly smtpUrl: 'off' | object };
};

/** `POST /api/users/me/factors/totp`: begins to set up an authenticator app. */
export const setUpTotp = ({ factors, stepUp, config }: SetUpDeps): Action<Caller> =>
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
    async handle({ body, caller, request }) {
      const { user } = caller;
      if (config.smtpUrl !== 'off' && user.emailVerifiedAt === undefined)
        throw new Refusal(EMAIL_UNPROVED);
      await stepUp(caller, body, request);
      const { name = 'Authenticator app' } = body;
      return factors.beginTotp(user, name.slice(0, NAME_LENGTH));
    },
  });

type ConfirmDeps = {
  readonly factors: Factors;
  readonly throttle: Pick<Throttle, 'factorChange'>;
  /** Notes that the session has shown a code. */
  readonly noteCode: (tx: Tx, session: { id: string; userId: number }) => Promise<unknown>;
};

/** `POST /api/users/me/factors/totp/confirm`: turns it on, and ends all other sessions. */
export const confirmTotp = ({ factors, throttle, noteCode }: ConfirmDeps): Action<Caller> =>
  action({
    operationId: 'confirmTotp',
    summary: 'Turn on the authenticator app',
    description:
      'Takes a code that the app shows, ends all other sessions and, for the first factor, answers ' +
      'with ten recovery codes, which are shown this once.',
    body: FIRST_CODE,
    response: RECOVERY_CODES,
    refuses: [429],
    async handle({ body, caller, request }) {
      const { user, sessionId } = caller;
      await throttle.factorChange(user.id, 'code');
      const codes = await factors.confirmTotp(user, body.code, {
        by: request.device(),
        sessionId,
        within: async (tx) => {
          if (sessionId !== undefined) await noteCode(tx, { id: sessionId, userId: user.id });
        },
      });
      if (!codes) throw wrongCode();
      return { recovery_codes: codes };
    },
  });
