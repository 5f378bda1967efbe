import { invalidFields, NOT_FOUND, Refusal } from '../errors.ts';
import { type Action, action, type RequestView } from '../http/action.ts';
import { type ObjectSchema, requiredText } from '../http/openapi/schema.ts';
import { notAChoice, REQUIRED } from '../http/refusals.ts';
import type { RequestLimit } from '../throttle/request-limit.ts';
import type { SessionHolder } from './list.ts';
import { REAUTHENTICATION_REQUIRED } from './refusals.ts';
import type { Sessions } from './sessions.ts';

/**
 * Requires of a caller what a login requires.
 *
 * @throws {Refusal} when it is wrong, or after too many attempts
 */
export type Prove<Caller> = (
  caller: Caller,
  shown: { readonly current_password: string; readonly code?: string; readonly passkey?: object },
  request: Pick<RequestView, 'device' | 'requester' | 'cookies' | 'knownDevice'>,
) => Promise<unknown>;

const CONFIRMATION = {
  title: 'OptionalConfirmation',
  type: ['object', 'null'],
  properties: {
    current_password: requiredText('correct horse 9 battery'),
    code: requiredText('123456'),
    /** In place of the code. */
    passkey: { type: 'object', additionalProperties: true },
  },
} as const satisfies ObjectSchema;

type Deps = {
  readonly sessions: Sessions;
  /** Counted per account. */
  readonly sessionRequests: RequestLimit;
};

/** `DELETE /api/sessions/:id`: log out one device. */
export const endOne = ({ sessions, sessionRequests: limit }: Deps): Action<SessionHolder> =>
  action({
    operationId: 'endSession',
    summary: 'End one session',
    description:
      'Its refresh and access tokens die at once. 404 when it is not an open one of yours.',
    status: 204,
    refuses: [404, 429],
    async handle({ caller, request }) {
      limit(String(caller.user.id));
      const id = request.params['id'] ?? '';
      const wasOpen = await sessions.endOne(caller.user.id, id, 'ended_by_user', request.device());
      if (!wasOpen) throw new Refusal(NOT_FOUND);
      return undefined;
    },
  });

/**
 * `DELETE /api/sessions?scope=others|all`: log out everywhere else, or everywhere. A stolen access
 * token alone does not suffice: a recent login or the password is required (ASVS 7.5.2).
 */
export const endMany = <Caller extends SessionHolder>({
  sessions,
  prove,
  sessionRequests: limit,
}: Deps & { readonly prove: Prove<Caller> }): Action<Caller> =>
  action({
    operationId: 'endSessions',
    summary: 'End many sessions',
    description:
      '`?scope=others` keeps the session that asks, `?scope=all` ends it too. Ten minutes after the ' +
      'login of the session that asks it takes the `current_password`, and a `code` where a second factor is on.',
    body: CONFIRMATION,
    status: 204,
    query: {
      scope: {
        required: true,
        description: 'Which sessions end',
        schema: { type: 'string', enum: ['others', 'all'] },
      },
    },
    refuses: [403, 429],
    async handle({ caller, request, body }) {
      const { user, sessionId } = caller;
      limit(String(user.id));
      const scope = scopeOf(request.query('scope'));
      const { current_password: password } = body;
      if (password !== undefined)
        await prove(caller, { ...body, current_password: password }, request);
      else if (!(await sessions.isFresh(sessionId))) throw new Refusal(REAUTHENTICATION_REQUIRED);
      const kept = scope === 'others' ? sessionId : undefined;
      await sessions.endAll(user.id, 'ended_by_user', request.device(), kept);
      return undefined;
    },
  });

function scopeOf(asked: string | undefined): 'all' | 'others' {
  if (asked === 'all' || asked === 'others') return asked;
  const fault = asked === undefined ? REQUIRED : notAChoice(asked);
  throw invalidFields({ scope: [fault] });
}
