import { action } from '../http/action.ts';
import { object, requiredText } from '../http/openapi/fields.ts';
import type { Exchange } from './refresh-token.ts';
import { tokenNotValid } from './refusals.ts';

const text = { type: 'string' };

/** `POST /api/token/refresh`: a refresh token becomes a new access token. */
export const refresh = (exchange: Exchange, rotates: boolean) =>
  action({
    takesToken: true,
    refuses: [401, 429],
    summary: 'Get a new access token',
    description: rotates
      ? 'The refresh token is replaced: keep the new one. Asked again at once, it answers the same.'
      : 'The refresh token stays valid until it expires or its session ends.',
    body: object({ refresh: requiredText('eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.…') }),
    response: rotates ? object({ access: text, refresh: text }) : object({ access: text }),
    async handle({ body, request }) {
      const used = await exchange.use(body.refresh, () => request.device());
      if (!used.ok) throw tokenNotValid(used.reason);
      return used.answer;
    },
  });
