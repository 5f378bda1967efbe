import { type Action, action } from '../http/action.ts';
import type { Throttle } from '../throttle/attempt.ts';
import type { DeviceSession } from './session.ts';
import type { Sessions } from './sessions.ts';

/** The part of a caller that sessions know. */
export type SessionHolder = {
  readonly user: { readonly id: number };
  readonly sessionId: string | undefined;
};

const text = { type: 'string' } as const;

/** `GET /api/sessions`: where am I logged in? */
export const list = (sessions: Sessions, throttle: Throttle): Action<SessionHolder> =>
  action({
    summary: 'The sessions of the account',
    description: 'Open sessions, the most recently used first; `current` is the one that asks.',
    response: {
      type: 'object',
      required: ['sessions'],
      properties: {
        sessions: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              id: text,
              current: { type: 'boolean' },
              created_at: text,
              last_used_at: text,
              expires_at: text,
              user_agent: text,
              address: text,
            },
          },
        },
      },
    },
    refuses: [429],
    async handle({ caller, request }) {
      const { user, sessionId = `of user ${caller.user.id}` } = caller;
      // The last use of a session tells when it is rotated.
      await throttle.look(sessionId, () =>
        sessions.notePolled(user.id, sessionId, request.device()),
      );
      const open = await sessions.listOpen(caller.user.id);
      return { sessions: open.map((session) => view(session, caller.sessionId)) };
    },
  });

const time = (epochMs: number) => new Date(epochMs).toISOString();

/** A session as people see it. */
export const view = (session: DeviceSession, currentId?: string) => ({
  id: session.id,
  current: session.id === currentId,
  created_at: time(session.createdAt),
  last_used_at: time(session.lastUsedAt),
  expires_at: time(session.expiresAt),
  user_agent: session.userAgent,
  address: session.address,
});
