import { action } from '../http/action.ts';
import { object, requiredText } from '../http/openapi/fields.ts';
import type { Exchange } from './refresh-token.ts';
import { tokenNotValid } from './refusals.ts';

/** `POST /api/token/blacklist` (SimpleJWT's name): log out. The session's access tokens die too. */
export const blacklist = (exchange: Exchange) =>
  action({
    takesToken: true,
    refuses: [401],
    summary: 'Log out',
    description: 'Ends the session of the refresh token, at once and everywhere; idempotent.',
    body: object({ refresh: requiredText('eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.…') }),
    response: object({}),
    async handle({ body, request }) {
      const ended = await exchange.end(body.refresh, request.device());
      if (!ended.ok) throw tokenNotValid(ended.reason);
      return {};
    },
  });
