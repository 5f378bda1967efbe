import type { Audit } from '../audit/audit.ts';
import type { Transaction } from '../database/database.ts';
import { invalidFields } from '../errors.ts';
import { type Action, action } from '../http/action.ts';
import type { Described, ObjectSchema } from '../http/openapi/schema.ts';
import { REQUIRED } from '../http/refusals.ts';
import type { Method } from '../sessions/authentication.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { PROOF, type Prove } from '../users/prove.ts';
import type { Caller } from '../users/user.ts';
import { BY_PASSKEY, METHODS } from './methods.ts';
import { bearerTokenNotValid } from './refusals.ts';
import { ACCESS_TOKEN } from './schemas.ts';
import type { ProvePasskey } from './step-up.ts';
import type { Tokens } from './tokens.ts';

const CONFIRMATION = {
  title: 'StepUp',
  type: 'object',
  properties: PROOF,
} as const satisfies ObjectSchema;

type Body = Described<typeof CONFIRMATION>;
type Request = Parameters<Prove>[2];
const ALONE: readonly Method[] = ['pwd'];

type Deps = {
  readonly prove: Prove;
  readonly provePasskey: ProvePasskey;
  readonly sessions: Pick<Sessions, 'find' | 'noteAuthentication'>;
  readonly tokens: Tokens;
  readonly audit: Audit;
  readonly transaction: Transaction;
};

/**
 * `POST /api/users/me/confirm`: step-up. For ten minutes the session counts as just logged in; its
 * access tokens say so in `auth_time` and `amr`.
 */
export const confirm = (deps: Deps): Action<Caller> => {
  const { sessions, tokens, audit, transaction } = deps;

  async function methodsOf(caller: Caller, body: Body, request: Request) {
    const { current_password: password, passkey } = body;
    if (password === undefined && passkey !== undefined) {
      await deps.provePasskey(caller, passkey, request);
      return BY_PASSKEY;
    }
    if (password === undefined) throw invalidFields({ current_password: [REQUIRED] });
    const { shown } = await deps.prove(caller, { ...body, current_password: password }, request);
    return shown ? METHODS[shown] : ALONE;
  }

  return action({
    operationId: 'confirmMe',
    summary: 'Prove the identity again',
    description:
      'Takes what a login takes: the password, and `code` or `passkey` where the account has a ' +
      'second factor; or `passkey` alone, of `/api/users/me/confirm/options`. ' +
      'The response is an access token with a new `auth_time`; for ten minutes nothing of the ' +
      'account asks for the password again.',
    body: CONFIRMATION,
    response: ACCESS_TOKEN,
    refuses: [429],
    async handle({ body, caller, request }) {
      const { user, sessionId } = caller;
      const methods = await methodsOf(caller, body, request);
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
};
