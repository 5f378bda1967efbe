import { type Action, action } from '../http/action.ts';
import type { Caller } from '../users/user.ts';
import type { Factors } from './factors.ts';
import { FACTORS, viewOf } from './views.ts';

/** `GET /api/users/me/factors`: by what can I complete a login? */
export const listFactors = (factors: Factors): Action<Caller> =>
  action({
    operationId: 'listFactors',
    summary: 'The second factors of the account',
    response: FACTORS,
    async handle({ caller }) {
      const { factors: found, codesLeft } = await factors.list(caller.user.id);
      return { factors: found.map(viewOf), recovery_codes_left: codesLeft };
    },
  });
