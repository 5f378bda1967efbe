import type { Tx } from '../database/database.ts';
import { NOT_FOUND, Refusal } from '../errors.ts';
import { type Action, action } from '../http/action.ts';
import type { ObjectSchema } from '../http/openapi/schema.ts';
import { PROOF } from '../users/prove.ts';
import type { Caller } from '../users/user.ts';
import type { Factors } from './factors.ts';
import type { HoldCaller, StepUp } from './step-up.ts';
import { RECOVERY_CODES } from './views.ts';

const CHANGE = {
  title: 'FactorChange',
  type: ['object', 'null'],
  properties: PROOF,
} as const satisfies ObjectSchema;

type Deps = {
  readonly factors: Factors;
  readonly stepUp: StepUp;
  readonly holdCaller: HoldCaller;
};

/** `DELETE /api/users/me/factors/:id` */
export const removeFactor = ({ factors, stepUp, holdCaller }: Deps): Action<Caller> =>
  action({
    operationId: 'removeFactor',
    summary: 'Remove a second factor',
    description:
      'Ends all other sessions; with the last factor the recovery codes go too. Ten minutes after the ' +
      'login it takes `current_password` and `code`.',
    body: CHANGE,
    status: 204,
    refuses: [403, 404, 429],
    async handle({ body, caller, request }) {
      await stepUp(caller, body, request);
      const id = Number(request.params['id']);
      const { user, sessionId } = caller;
      const hold = (tx: Tx) => holdCaller(tx, caller);
      const change = { by: request.device(), sessionId, hold };
      const wasThere = Number.isSafeInteger(id) && (await factors.remove(user, id, change));
      if (!wasThere) throw new Refusal(NOT_FOUND);
      return undefined;
    },
  });

/** `POST /api/users/me/factors/recovery_codes` */
export const renewRecoveryCodes = ({ factors, stepUp, holdCaller }: Deps): Action<Caller> =>
  action({
    operationId: 'renewRecoveryCodes',
    summary: 'Get other recovery codes',
    description:
      'Ten codes, shown this once; the former ones are void. 404 where no second factor is on. Ten ' +
      'minutes after the login it takes `current_password` and `code`.',
    body: CHANGE,
    response: RECOVERY_CODES,
    refuses: [403, 404, 429],
    async handle({ body, caller, request }) {
      await stepUp(caller, body, request);
      const hold = (tx: Tx) => holdCaller(tx, caller);
      const codes = await factors.renewCodes(caller.user, { by: request.device(), hold });
      if (!codes) throw new Refusal(NOT_FOUND);
      return { recovery_codes: codes };
    },
  });
