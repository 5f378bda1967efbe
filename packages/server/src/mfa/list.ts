import { type Action, action } from '../http/action.ts';
import type { Caller } from '../users/user.ts';
import type { Factors } from './factors.ts';
import type { Requirement } from './requirement.ts';
import { FACTORS, time, viewOf } from './views.ts';

type Deps = { readonly factors: Factors; readonly requirement: Requirement };

/** `GET /api/users/me/factors`: the factors with which the caller can complete a login. */
export const listFactors = ({ factors, requirement }: Deps): Action<Caller> =>
  action({
    operationId: 'listFactors',
    summary: 'The second factors of the account',
    response: FACTORS,
    async handle({ caller }) {
      const { factors: found, codesLeft } = await factors.list(caller.user.id);
      const from = requirement.requiredFrom(caller.user);
      return {
        factors: found.map(viewOf),
        recovery_codes_left: codesLeft,
        ...(from !== undefined && found.length === 0 && { required_from: time(from) }),
      };
    },
  });
