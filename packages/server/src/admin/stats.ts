import type { Activity } from '../audit/activity.ts';
import type { Tally } from '../audit/activity-store.ts';
import type { Clock } from '../clock.ts';
import { invalidFields } from '../errors.ts';
import { type Action, action } from '../http/action.ts';
import { type ObjectSchema, text } from '../http/openapi/schema.ts';
import { notAChoice } from '../http/refusals.ts';
import type { Counts } from './counts.ts';
import type { AdminCaller } from './guard.ts';
import { choice } from './page.ts';
import { time } from './view.ts';

const count = { type: 'integer' } as const;

const BUCKET = {
  title: 'AdminActivity',
  type: 'object',
  required: ['from', 'logins', 'failures', 'throttled', 'registrations'],
  properties: {
    from: { ...text, description: 'When the hour or the day (UTC) begins' },
    logins: count,
    failures: count,
    throttled: { ...count, description: 'Logins that limits refused' },
    registrations: count,
  },
} as const satisfies ObjectSchema;

const STATS = {
  title: 'AdminStats',
  type: 'object',
  required: ['counted_at', 'users', 'sessions', 'activity'],
  properties: {
    counted_at: { ...text, description: 'When users and sessions were counted' },
    users: {
      type: 'object',
      required: ['total', 'active', 'disabled', 'unverified', 'admin'],
      properties: { total: count, active: count, disabled: count, unverified: count, admin: count },
    },
    sessions: { type: 'object', required: ['open'], properties: { open: count } },
    activity: {
      type: 'object',
      required: ['by', 'is_complete', 'buckets'],
      properties: {
        by: text,
        is_complete: {
          type: 'boolean',
          description: 'Whether all events of the past are counted; otherwise ask again later',
        },
        buckets: { type: 'array', items: BUCKET, description: 'The oldest first' },
      },
    },
  },
} as const satisfies ObjectSchema;

const NONE = { logins: 0, failures: 0, throttled: 0, registrations: 0 };
type Bucket = typeof NONE;

const plus = (bucket: Bucket, tally: Tally): Bucket => ({
  logins: bucket.logins + tally['login.ok'],
  failures: bucket.failures + tally['login.fail'],
  throttled: bucket.throttled + tally['login.throttled'],
  registrations: bucket.registrations + tally['user.register'],
});

const SPANS = {
  hour: { milliseconds: 3_600_000, most: 168, usual: 24 },
  day: { milliseconds: 86_400_000, most: 90, usual: 30 },
} as const;

type Span = (typeof SPANS)[keyof typeof SPANS];

function lastOf(given: string | undefined, { most, usual }: Span): number {
  if (given === undefined) return usual;
  const last = /^\d{1,3}$/.test(given) ? Number(given) : 0;
  if (last < 1 || last > most) throw invalidFields({ last: [notAChoice(given)] });
  return last;
}

type Uses = {
  readonly counts: () => Promise<Counts>;
  readonly activity: Activity;
  readonly clock: Clock;
};

/** `GET /api/admin/stats` */
export const showStats = ({ counts, activity, clock }: Uses): Action<AdminCaller> =>
  action({
    operationId: 'adminShowStats',
    summary: 'How many accounts and sessions there are, and what happened lately',
    query: {
      by: {
        description: 'The width of a bucket of `activity`',
        schema: { type: 'string', enum: ['hour', 'day'], default: 'hour' },
      },
      last: {
        description:
          'How many buckets, with the one that runs: up to 168 hours (default 24) or 90 days (default 30)',
        schema: { type: 'integer', minimum: 1, maximum: 168 },
      },
    },
    response: STATS,
    async handle({ request }) {
      const by = choice(request, 'by', ['hour', 'day']) ?? 'hour';
      const span = SPANS[by];
      const last = lastOf(request.query('last'), span);
      const now = clock.now();
      const until = now - (now % span.milliseconds);
      const starts = Array.from(
        { length: last },
        (_, i) => until - (last - 1 - i) * span.milliseconds,
      );
      const { at, accounts, openSessions } = await counts();
      const { hours, isComplete } = await activity.since(starts[0] ?? until);
      const buckets = new Map(starts.map((start) => [start, NONE]));
      for (const [hour, tally] of hours) {
        const start = hour - (hour % span.milliseconds);
        const bucket = buckets.get(start);
        if (bucket) buckets.set(start, plus(bucket, tally));
      }
      return {
        counted_at: time(at),
        users: { ...accounts },
        sessions: { open: openSessions },
        activity: {
          by,
          is_complete: isComplete,
          buckets: [...buckets].map(([start, bucket]) => ({ from: time(start), ...bucket })),
        },
      };
    },
  });
