import type { ApiKey } from '../api-keys/store.ts';
import { type Action, action } from '../http/action.ts';
import type { ObjectSchema } from '../http/openapi/schema.ts';
import type { RequestLimit } from '../throttle/request-limit.ts';
import { EVENT } from './event.ts';
import { type Events, MAX_PAGE } from './events.ts';
import { LIMIT, numberOf, QUERY, readable, typesOf } from './question.ts';

const PAGE = {
  title: 'Events',
  type: 'object',
  required: ['events', 'next', 'newest'],
  properties: {
    events: { type: 'array', items: EVENT },
    next: { type: 'integer' },
    newest: { type: 'integer' },
  },
} as const satisfies ObjectSchema;

type On = {
  readonly events: Events;
  /** Counted per key. */
  readonly eventLimit: RequestLimit;
};

/** `GET /api/events?after=SEQ` */
export const listEvents = ({ events, eventLimit }: On): Action<ApiKey> =>
  action({
    operationId: 'listEvents',
    summary: 'Events of accounts and sessions, the oldest first',
    description:
      'Events above `after`; ask again with `after` = `next`, at once while it is below `newest`. ' +
      'A page may hold fewer events than `limit`, or none. Needs an API key with the scope `events:read`.',
    query: { ...QUERY, limit: LIMIT },
    refuses: [403, 410, 429],
    response: PAGE,
    async handle({ caller, request }) {
      eventLimit(caller.id);
      const question = {
        after: numberOf('after', request.query('after') ?? '0', 0, Number.MAX_SAFE_INTEGER),
        limit: numberOf('limit', request.query('limit') ?? String(MAX_PAGE), 1, MAX_PAGE),
        types: typesOf(request),
      };
      const { events: found, next, newest } = readable(await events.page(question));
      return { events: [...found], next, newest };
    },
  });
