import { invalidFields } from '../errors.ts';
import { type Action, action } from '../http/action.ts';
import { type ObjectSchema, text } from '../http/openapi/schema.ts';
import { notAChoice } from '../http/refusals.ts';
import type { Throttle } from '../throttle/attempt.ts';
import type { RequestLimit } from '../throttle/request-limit.ts';
import type { Cursor } from './open-store.ts';
import type { DeviceSession } from './session.ts';
import type { Sessions } from './sessions.ts';

/** The part of a caller that sessions know. */
export type SessionHolder = {
  readonly user: { readonly id: number };
  readonly sessionId: string | undefined;
};

/** Sessions of a page, unless fewer are asked for. */
const PAGE = 100;

/** RFC 3339, in UTC. */
const DATE_TIME = { type: 'string', examples: ['2026-01-31T12:00:00.000Z'] } as const;
const SESSION = {
  title: 'Session',
  type: 'object',
  required: ['id', 'current', 'created_at', 'last_used_at', 'expires_at', 'user_agent', 'address'],
  properties: {
    id: text,
    current: { type: 'boolean' },
    created_at: DATE_TIME,
    last_used_at: DATE_TIME,
    expires_at: DATE_TIME,
    user_agent: text,
    address: text,
  },
} as const satisfies ObjectSchema;

const SESSIONS = {
  title: 'Sessions',
  type: 'object',
  required: ['sessions'],
  properties: { sessions: { type: 'array', items: SESSION }, next: text },
} as const satisfies ObjectSchema;

type Deps = {
  readonly sessions: Sessions;
  readonly throttle: Throttle;
  /** Counted per account. */
  readonly sessionRequests: RequestLimit;
};

/** `GET /api/sessions`: where am I logged in? @param limit by account */
export const listSessions = ({
  sessions,
  throttle,
  sessionRequests: limit,
}: Deps): Action<SessionHolder> =>
  action({
    operationId: 'listSessions',
    summary: 'The sessions of the account',
    description:
      'Open sessions, the most recently used first; `current` is the one that asks. At most `limit` of ' +
      'them (1 to 100, default 100); where there are more, `next` is the `cursor` of the next page.',
    query: {
      limit: {
        description: 'Sessions of a page',
        schema: { type: 'integer', minimum: 1, maximum: PAGE, default: PAGE },
      },
      cursor: { description: '`next` of the page before', schema: text },
    },
    refuses: [429],
    response: SESSIONS,
    async handle({ caller, request }) {
      const { user, sessionId = `of user ${caller.user.id}` } = caller;
      limit(String(user.id));
      // The last use of a session reveals when it is rotated.
      await throttle.look(sessionId, () =>
        sessions.notePolled(sessionId, request.device(), user.id),
      );
      const size = sizeOf(request.query('limit'));
      const after = cursorOf(request.query('cursor'));
      const found = await sessions.listOpen(user.id, size + 1, after);
      const page = found.slice(0, size).map((session) => view(session, caller.sessionId));
      const last = found[size - 1];
      if (!last || found.length <= size) return { sessions: page };
      const next = Buffer.from(`${last.lastUsedAt}.${last.id}`).toString('base64url');
      // Relative (RFC 8288 §3.1), because the name that the client uses is not known here.
      const link = `/api/sessions?limit=${size}&cursor=${next}`;
      request.setResponseHeader('link', `<${link}>; rel="next"`);
      return { sessions: page, next };
    },
  });

function sizeOf(asked: string | undefined): number {
  if (asked === undefined) return PAGE;
  const size = /^\d{1,3}$/.test(asked) ? Number(asked) : 0;
  if (size < 1 || size > PAGE) throw refuse('limit', asked);
  return size;
}

function cursorOf(asked: string | undefined): Cursor | undefined {
  if (asked === undefined) return undefined;
  const text = Buffer.from(asked, 'base64url').toString();
  const [, lastUsedAt, id] = /^(\d{1,15})\.([\w.-]{1,64})$/.exec(text) ?? [];
  if (lastUsedAt === undefined || id === undefined) throw refuse('cursor', asked);
  return { lastUsedAt: Number(lastUsedAt), id };
}

const refuse = (field: string, value: string) => invalidFields({ [field]: [notAChoice(value)] });

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
