import type { Audit } from '../audit/audit.ts';
import { type AuditEvent, EVENTS } from '../audit/event.ts';
import { readPublicId } from '../config/public-id.ts';
import { invalidFields } from '../errors.ts';
import { type Action, action } from '../http/action.ts';
import { type ObjectSchema, text } from '../http/openapi/schema.ts';
import { notAChoice } from '../http/refusals.ts';
import type { Users } from '../users/users.ts';
import type { AdminCaller } from './guard.ts';
import { choice, cursorOf, cursorText, momentOf, PAGE_QUERY, sizeOf } from './page.ts';
import { time } from './view.ts';

const EVENT = {
  title: 'AuditEvent',
  type: 'object',
  required: [
    'id',
    'at',
    'event',
    'user_id',
    'user_email',
    'session_id',
    'actor',
    'address',
    'user_agent',
    'request_id',
    'details',
  ],
  properties: {
    id: { type: 'integer' },
    at: text,
    event: text,
    user_id: { type: ['integer', 'string', 'null'] },
    user_email: {
      type: ['string', 'null'],
      description:
        'Its address now; null for a deleted account, and for a key without `users:read`',
    },
    session_id: { type: ['string', 'null'] },
    actor: text,
    address: text,
    user_agent: text,
    request_id: text,
    details: { type: 'object', additionalProperties: true },
  },
} as const satisfies ObjectSchema;

const AUDIT = {
  title: 'AuditEvents',
  type: 'object',
  required: ['events'],
  properties: { events: { type: 'array', items: EVENT }, next: text },
} as const satisfies ObjectSchema;

const viewOf = (event: AuditEvent, email: string | undefined) => ({
  id: event.id,
  at: time(event.at),
  event: event.event,
  user_id: event.publicId ?? null,
  user_email: email ?? null,
  session_id: event.sessionId ?? null,
  actor: event.actor,
  address: event.address,
  user_agent: event.userAgent,
  request_id: event.requestId,
  details: { ...event.details },
});

/** `GET /api/admin/audit` */
export const listAudit = (audit: Audit, users: Users): Action<AdminCaller> =>
  action({
    operationId: 'adminListAudit',
    summary: 'The audit log, the newest events first',
    description:
      'If there are more, `next` is the `after` of the next page. With `event` alone a request looks at a bounded ' +
      'number of events, so that a page may have fewer rows than `limit`, or none, and a `next`: go on until there is none.',
    query: {
      user: { description: 'Of this account, by its id', schema: text },
      event: { description: 'Of this kind', schema: { type: 'string', enum: EVENTS } },
      since: { description: 'From then on, such as 2026-01-31T12:00:00Z', schema: text },
      until: { description: 'Up to then', schema: text },
      ...PAGE_QUERY,
    },
    response: AUDIT,
    async handle({ request, caller }) {
      const size = sizeOf(request);
      const before = cursorOf(request, 'number');
      const userId = await userIdOf(users, request.query('user'));
      const event = choice(request, 'event', EVENTS);
      const filter = {
        userId,
        event,
        since: momentOf(request, 'since'),
        until: momentOf(request, 'until'),
        before: before && { at: Number(before.value), id: before.id },
        limit: size + 1,
      };
      const isOfKind = event !== undefined && userId === undefined;
      const { events, stoppedAt } = isOfKind
        ? await audit.listOfKind(filter)
        : { events: await audit.list(filter), stoppedAt: undefined };
      const full = events.length > size ? events[size - 1] : undefined;
      const last = full ? { value: full.at, id: full.id } : stoppedAt;
      const shown = events.slice(0, size);
      const emails = maySeeAccounts(caller) ? await emailsOf(users, shown) : undefined;
      return {
        events: shown.map((event) => viewOf(event, emails?.get(event.userId))),
        ...(last && { next: cursorText(last) }),
      };
    },
  });

const maySeeAccounts = (caller: AdminCaller): boolean =>
  caller.kind === 'administrator' || caller.key.scopes.includes('users:read');

async function emailsOf(users: Users, events: readonly AuditEvent[]) {
  const ids = new Set(events.flatMap(({ userId }) => userId ?? []));
  const accounts = await users.findMany([...ids]);
  return new Map<number | undefined, string>(accounts.map(({ id, email }) => [id, email]));
}

/** Events outlive their account; after that only the integer id names it. */
async function userIdOf(users: Users, given: string | undefined): Promise<number | undefined> {
  if (given === undefined) return undefined;
  const id = readPublicId(given.toLowerCase());
  if (id === undefined) throw invalidFields({ user: [notAChoice(given)] });
  return (await users.findByPublicId(id))?.id ?? (typeof id === 'number' ? id : 0);
}
