import { Refusal } from '../errors.ts';
import { type Action, action } from '../http/action.ts';
import type { SessionHolder } from './list.ts';
import type { Sessions } from './sessions.ts';

/** `DELETE /api/sessions/:id`: log out one device. */
export const endOne = (sessions: Sessions): Action<SessionHolder> =>
  action({
    summary: 'End one session',
    description:
      'Its refresh and access tokens die at once. 404 when it is not an open one of yours.',
    status: 204,
    refuses: [404],
    async handle({ caller, request }) {
      const id = request.params['id'] ?? '';
      const wasOpen = await sessions.endOne(caller.user.id, id, 'ended_by_user', request.device());
      if (!wasOpen) throw new Refusal({ code: 'not_found' });
      return undefined;
    },
  });

/** `DELETE /api/sessions?scope=others|all`: log out everywhere else, or everywhere. */
export const endMany = (sessions: Sessions): Action<SessionHolder> =>
  action({
    summary: 'End many sessions',
    description: '`?scope=others` keeps the session that asks, `?scope=all` ends it too.',
    status: 204,
    query: ['scope'],
    async handle({ caller, request }) {
      const scope = request.query('scope');
      const { user, sessionId } = caller;
      const by = request.device();
      if (scope === 'all') await sessions.endAll(user.id, 'ended_by_user', by);
      else if (scope === 'others') await sessions.endAll(user.id, 'ended_by_user', by, sessionId);
      else throw refuseScope(scope);
      return undefined;
    },
  });

const refuseScope = (scope: string | undefined) =>
  new Refusal({
    code: 'invalid_fields',
    fields: {
      scope: [
        scope === undefined
          ? { code: 'required' }
          : { code: 'not_a_choice', params: { value: scope } },
      ],
    },
  });
