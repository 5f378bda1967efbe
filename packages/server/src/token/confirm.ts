import type { Audit } from '../audit/audit.ts';
import type { Transaction } from '../database/database.ts';
import { type Action, action } from '../http/action.ts';
import type { ObjectSchema } from '../http/openapi/schema.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { PROOF, type Prove } from '../users/prove.ts';
import type { Caller } from '../users/user.ts';
import { bearerTokenNotValid } from './refusals.ts';
import { ACCESS_TOKEN } from './schemas.ts';
import { WITH_CODE } from './second-factor.ts';
import type { Tokens } from './tokens.ts';

const CONFIRMATION = {
  title: 'StepUp',
  type: 'object',
  required: ['current_password'],
  properties: PROOF,
} as const satisfies ObjectSchema;

type Deps = {
  readonly prove: Prove;
  readonly sessions: Pick<Sessions, 'find' | 'noteAuthentication'>;
  readonly tokens: Tokens;
  readonly audit: Audit;
  readonly transaction: Transaction;
};

/**
 * `POST /api/users/me/confirm`: step-up. For ten minutes the session counts as just logged in, and
 * its access tokens say so to others in `auth_time` and `amr`.
 */
export const confirm = ({ prove, sessions, tokens, audit, transaction }: Deps): Action<Caller> =>
  action({
    operationId: 'confirmMe',
    summary: 'Prove again who is there',
    description:
      'Takes what a login takes: the password, and a code where the account has a second factor. ' +
      'The response is an access token with a new `auth_time`; for ten minutes nothing of the ' +
      'account asks for the password again.',
    body: CONFIRMATION,
    response: ACCESS_TOKEN,
    refuses: [429],
    async handle({ body, caller, request }) {
      const { user, sessionId } = caller;
      const { withCode } = await prove(caller, body, request);
      const methods = withCode ? WITH_CODE : (['pwd'] as const);
      if (sessionId === undefined) throw bearerTokenNotValid('no_session');
      const isOpen = await transaction(async (tx) => {
        const session = { id: sessionId, userId: user.id };
        if (!(await sessions.noteAuthentication(tx, session, methods))) return false;
        const by = request.device();
        await audit.record(tx, { event: 'session.confirm', userId: user.id, sessionId, by });
        return true;
      });
      const session = isOpen ? await sessions.find(sessionId) : undefined;
      if (!session) throw bearerTokenNotValid('revoked');
      return { access: tokens.mintAccess(session) };
    },
  });
