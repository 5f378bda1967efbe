/** Events for other programs: a part of the audit log, under stable names. Pure. */
import type { AuditEvent, EventName } from '../audit/event.ts';
import type { ObjectSchema } from '../http/openapi/schema.ts';

type Told = { readonly type: EventType; readonly reason?: string };

export const EVENT_TYPES = [
  'user.created',
  'user.deleted',
  'user.disabled',
  'user.enabled',
  'user.email_changed',
  'user.email_verified',
  'user.username_changed',
  'user.claims_changed',
  'user.password_changed',
  'user.factor_added',
  'user.factor_removed',
  'user.admin_granted',
  'user.admin_revoked',
  'session.opened',
  'session.ended',
  'login.failed',
  'users.imported',
  'database.restored',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** The audit events that are published; all others are internal. */
const TOLD: Partial<Readonly<Record<EventName, Told>>> = {
  'user.register': { type: 'user.created' },
  'user.delete': { type: 'user.deleted' },
  'user.disable': { type: 'user.disabled' },
  'user.enable': { type: 'user.enabled' },
  'email.change': { type: 'user.email_changed' },
  'email.restore': { type: 'user.email_changed', reason: 'restored' },
  'email.verify': { type: 'user.email_verified' },
  'user.username': { type: 'user.username_changed' },
  'user.claims': { type: 'user.claims_changed' },
  'password.change': { type: 'user.password_changed' },
  'password.reset': { type: 'user.password_changed', reason: 'reset' },
  'factor.add': { type: 'user.factor_added' },
  'factor.remove': { type: 'user.factor_removed' },
  'admin.grant': { type: 'user.admin_granted' },
  'admin.revoke': { type: 'user.admin_revoked' },
  'login.ok': { type: 'session.opened' },
  'session.end': { type: 'session.ended' },
  'login.fail': { type: 'login.failed' },
  'user.import': { type: 'users.imported' },
  restore: { type: 'database.restored' },
};

export const EVENT = {
  title: 'Event',
  type: 'object',
  required: ['seq', 'type', 'at', 'user_id', 'session_id', 'actor', 'reason'],
  properties: {
    seq: { type: 'integer', description: 'Grows from event to event; has gaps' },
    type: { type: 'string', enum: EVENT_TYPES, description: 'Later versions have more' },
    at: { type: 'string', format: 'date-time' },
    user_id: { type: ['integer', 'string', 'null'] },
    session_id: { type: ['string', 'null'], description: 'The `sid` of its tokens' },
    actor: { type: 'string', description: '`self`, `operator`, `schedule`, `admin:ID`, `key:ID`' },
    reason: { type: ['string', 'null'], description: 'Why a session ended, a login failed' },
    count: { type: 'integer', description: 'Of how many this one event tells' },
  },
} as const satisfies ObjectSchema;

export type Event = {
  readonly seq: number;
  readonly type: EventType;
  readonly at: string;
  readonly user_id: number | string | null;
  readonly session_id: string | null;
  readonly actor: string;
  readonly reason: string | null;
  readonly count?: number;
};

/** `undefined` = internal: it concerns no account, or one that does not exist. */
export function eventOf(event: AuditEvent): Event | undefined {
  const told = TOLD[event.event];
  if (!told || (event.event === 'login.fail' && event.publicId === undefined)) return undefined;
  const { reason, count } = event.details;
  return {
    seq: event.id,
    type: told.type,
    at: new Date(event.at).toISOString(),
    user_id: event.publicId ?? null,
    session_id: event.sessionId ?? null,
    actor: event.actor,
    reason: told.reason ?? reason ?? null,
    ...(count !== undefined && { count }),
  };
}

/** `undefined` = one of the names is not a type. */
export function readTypes(names: readonly string[]): readonly EventType[] | undefined {
  const types = EVENT_TYPES.filter((type) => names.includes(type));
  return types.length > 0 && types.length === new Set(names).size ? types : undefined;
}
