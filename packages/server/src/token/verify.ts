import { Refusal } from '../errors.ts';
import { action } from '../http/action.ts';
import { object, requiredText } from '../http/fields.ts';
import type { Tokens } from './tokens.ts';

/** `POST /api/token/verify`: is this token (access or refresh) good? Touches no database. */
export const verify = (tokens: Tokens) =>
  action({
    summary: 'Check a token',
    description: 'Answers an empty object when the access or refresh token is valid.',
    body: object({ token: requiredText('eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.…') }),
    answer: object({}),
    handle({ body }) {
      const checked = tokens.check(body.token);
      if (!checked.ok) throw new Refusal({ code: 'token_not_valid', reason: checked.reason });
      const type = checked.claims['token_type'];
      if (type !== undefined && type !== 'access' && type !== 'refresh')
        throw new Refusal({ code: 'token_not_valid', reason: 'wrong_type' });
      return {};
    },
  });
