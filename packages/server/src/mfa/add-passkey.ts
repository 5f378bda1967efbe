import type { Transaction } from '../database/database.ts';
import { Refusal } from '../errors.ts';
import { type Action, action } from '../http/action.ts';
import { type ObjectSchema, requiredText } from '../http/openapi/schema.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Throttle } from '../throttle/attempt.ts';
import { PROOF } from '../users/prove.ts';
import type { Caller } from '../users/user.ts';
import type { Factors } from './factors.ts';
import type { Passkeys } from './passkeys.ts';
import { EMAIL_UNPROVED, wrongPasskey } from './refusals.ts';
import type { HoldCaller, StepUp } from './step-up.ts';
import { ADDED_PASSKEY, PASSKEY_OPTIONS, SHOWN_PASSKEY } from './views.ts';

const SET_UP = {
  title: 'PasskeySetUp',
  type: ['object', 'null'],
  properties: PROOF,
} as const satisfies ObjectSchema;

const CREATED = {
  ...SHOWN_PASSKEY,
  title: 'CreatedPasskey',
  properties: { ...SHOWN_PASSKEY.properties, name: requiredText('Laptop') },
} as const satisfies ObjectSchema;

const NAME_LENGTH = 60;

type Deps = {
  readonly factors: Factors;
  readonly passkeys: Passkeys;
  readonly stepUp: StepUp;
  readonly holdCaller: HoldCaller;
  /** With mail, a reset may take the account back until its address is proved. */
  readonly config: { readonly smtpUrl: 'off' | object };
  readonly throttle: Pick<Throttle, 'factorChange'>;
  readonly sessions: Pick<Sessions, 'noteAuthentication'>;
  readonly transaction: Transaction;
};

/** `POST /api/users/me/factors/passkeys/options`: the options with which a browser creates a passkey. */
export const askForNewPasskey = ({ passkeys, stepUp, config }: Deps): Action<Caller> =>
  action({
    operationId: 'askForNewPasskey',
    summary: 'Set up a passkey',
    description:
      'Hand `public_key` to `navigator.credentials.create`, and what it returns with `challenge` to ' +
      '`/api/users/me/factors/passkeys`, in the same session and within five minutes.',
    body: SET_UP,
    response: PASSKEY_OPTIONS,
    refuses: [403, 404, 429],
    async handle({ body, caller, request }) {
      const { user, sessionId } = caller;
      if (config.smtpUrl !== 'off' && user.emailVerifiedAt === undefined)
        throw new Refusal(EMAIL_UNPROVED);
      await stepUp(caller, body, request);
      return passkeys.begin(user, sessionId);
    },
  });

/** `POST /api/users/me/factors/passkeys`: adds the passkey, and ends all other sessions. */
export const addPasskey = (deps: Deps): Action<Caller> =>
  action({
    operationId: 'addPasskey',
    summary: 'Add the passkey that a browser has made',
    description:
      'From then on it opens a session without a password, and a password alone does not. Ends all ' +
      'other sessions and, for the first factor, returns ten recovery codes, which are shown ' +
      'this once.',
    body: CREATED,
    response: ADDED_PASSKEY,
    status: 201,
    refuses: [403, 404, 429],
    async handle({ body, caller, request }) {
      const { factors, passkeys, throttle, sessions, transaction } = deps;
      const { user, sessionId } = caller;
      const bound = { userId: user.id, sessionId: sessionId ?? '' };
      const challenge = passkeys.read({ purpose: 'register', ...bound }, body.challenge);
      await throttle.factorChange(user.id, 'code');
      if (!challenge || !(await transaction((tx) => passkeys.consume(tx, challenge))))
        throw wrongPasskey();
      const created = await passkeys.created(user, body.challenge, body.credential);
      if (!created) throw wrongPasskey();
      const passkey = { ...created, name: (body.name ?? 'Passkey').slice(0, NAME_LENGTH) };
      const codes = await factors.addPasskey(user, passkey, {
        by: request.device(),
        sessionId,
        hold: (tx) => deps.holdCaller(tx, caller),
        within: async (tx) => {
          const session = sessionId !== undefined && { id: sessionId, userId: user.id };
          if (session) await sessions.noteAuthentication(tx, session, ['pop', 'mfa']);
        },
      });
      if (!codes) throw wrongPasskey();
      return { id: passkey.id, recovery_codes: codes };
    },
  });
