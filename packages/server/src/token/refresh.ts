import { Refusal } from '../errors.ts';
import { action } from '../http/action.ts';
import { object, requiredText } from '../http/fields.ts';
import type { Tokens } from './tokens.ts';

/** `POST /api/token/refresh`: a refresh token becomes a new access token. */
export const refresh = (tokens: Tokens) =>
  action({
    summary: 'Get a new access token',
    description: 'The refresh token stays valid until it expires; the account must be active.',
    body: object({ refresh: requiredText('eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.…') }),
    answer: object({ access: { type: 'string' } }),
    async handle({ body }) {
      const checked = tokens.check(body.refresh, ['refresh']);
      const owned = checked.ok ? await tokens.owner(checked.claims) : checked;
      if (!owned.ok) throw new Refusal({ code: 'token_not_valid', reason: owned.reason });
      return { access: tokens.mintAccess(owned.user) };
    },
  });
