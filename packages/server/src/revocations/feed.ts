import { invalidFields } from '../errors.ts';
import { action } from '../http/action.ts';
import { type ObjectSchema, text } from '../http/openapi/schema.ts';
import { notAChoice } from '../http/refusals.ts';
import type { RequestLimit } from '../throttle/request-limit.ts';
import type { FeedLog } from './feed-log.ts';
import type { Revocations } from './revocations.ts';

export type Feed = {
  readonly log: FeedLog;
  readonly revocations: Pick<Revocations, 'catchUp'>;
  /** Counted per network. */
  readonly limit: RequestLimit;
};

const integer = { type: 'integer' } as const;

const REVOCATION = {
  title: 'Revocation',
  type: 'object',
  required: ['seq', 'expires_at'],
  properties: {
    seq: integer,
    session: text,
    series: integer,
    kept: text,
    user: text,
    claims: integer,
    all: { type: 'boolean', const: true },
    issued_before: integer,
    expires_at: integer,
  },
} as const satisfies ObjectSchema;

const PAGE = {
  title: 'Revocations',
  type: 'object',
  required: ['revocations', 'next'],
  properties: { revocations: { type: 'array', items: REVOCATION }, next: integer },
} as const satisfies ObjectSchema;

export const AFTER = {
  description: '`seq` of the last entry that is known',
  schema: { type: 'integer', minimum: 0, default: 0 },
} as const;

/**
 * `GET /api/revocations?after=SEQ`: lets a resource server honour a logout at once. Public, so it
 * names no account: a session appears as the hash of its id, which only a holder of its token can
 * recognise (docs/decisions/013).
 */
export const feed = ({ feed: { log, revocations, limit } }: { readonly feed: Feed }) =>
  action({
    operationId: 'listRevocations',
    summary: 'The revocations',
    description:
      'Revocations above `after`, oldest first, at most 1000; ask again with `after` = `next`. ' +
      'A `session` is the base64url SHA-256 of the `sid` claim. With `series` it is that of the `user_id`, and ' +
      'stands for every session of the account of an earlier series, `kept` excepted. With `claims` it is ' +
      "that of the `user_id` too: the account's access tokens with a lower `cv` are stale, its sessions go on. " +
      '`all` concerns every token with an `iat` before `issued_before`. `next` below `after` means start over.',
    query: { after: AFTER },
    headers: { 'cache-control': 'public, max-age=1' },
    refuses: [429],
    response: PAGE,
    async handle({ request }) {
      limit(request.network());
      const after = sequenceNumber(request.query('after'));
      await revocations.catchUp();
      return log.page(after);
    },
  });

/** @throws {Refusal} `invalid_fields` */
export function sequenceNumber(text: string | undefined): number {
  const value = Number(text ?? 0);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw invalidFields({ after: [notAChoice(text ?? '')] });
}
