import { invalidFields } from '../errors.ts';
import { action } from '../http/action.ts';
import { notAChoice } from '../http/refusals.ts';
import type { RequestLimit } from '../throttle/request-limit.ts';
import type { FeedLog } from './feed-log.ts';
import type { Revocations } from './revocations.ts';

export type Feed = {
  readonly log: FeedLog;
  readonly revocations: Pick<Revocations, 'catchUp'>;
  /** By network. */
  readonly limit: RequestLimit;
};

/**
 * `GET /api/revocations?after=SEQ`: what a resource server must know to honour a logout at once.
 * Public, so it names nobody: a session is the hash of its id, which only a holder of its token can
 * recognise (docs/decisions/013).
 */
export const feed = ({ log, revocations, limit }: Feed) =>
  action({
    summary: 'What has been revoked',
    description:
      'Revocations above `after`, oldest first, at most 1000; ask again with `after` = `next`. ' +
      'A `session` is the base64url SHA-256 of the `sid` claim. With `series` it is that of the `user_id`, and ' +
      'stands for every session of the account of an earlier series, `kept` excepted. With `claims` it is ' +
      "that of the `user_id` too: the account's access tokens with a lower `cv` are stale, its sessions go on. " +
      '`all` concerns every token with an `iat` before `issued_before`. `next` below `after` means start over.',
    query: ['after'],
    headers: { 'cache-control': 'public, max-age=1' },
    refuses: [429],
    response: {
      type: 'object',
      required: ['revocations', 'next'],
      properties: {
        revocations: { type: 'array', items: { type: 'object', additionalProperties: true } },
        next: { type: 'integer' },
      },
    },
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
