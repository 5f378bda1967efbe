import { hash } from 'node:crypto';
import { Refusal } from '../errors.ts';
import { action } from '../http/action.ts';
import type { Revocation, RevocationStore } from './store.ts';

const PAGE = 1000;

type Deps = {
  store: RevocationStore;
  now: () => number;
  /** Whether resource servers may meet tokens without session, and so need to know users. */
  publishUsers: boolean;
};

/**
 * `GET /api/revocations?after=SEQ`: what a resource server must know to honour a logout at once.
 * Public, so it names nobody: a session is the hash of its id, which only a holder of its token can
 * recognise (docs/decisions/013).
 */
export const feed = ({ store, now, publishUsers }: Deps) =>
  action({
    summary: 'What has been revoked',
    description:
      'Revocations above `after`, oldest first, at most 1000; ask again with `after` = `next`. ' +
      'A `session` is the base64url SHA-256 of the `sid` claim; `all` concerns every token with an `iat` before `issued_before`. ' +
      '`next` below `after` means start over.',
    query: ['after'],
    headers: { 'cache-control': 'public, max-age=1' },
    response: {
      type: 'object',
      required: ['revocations', 'next'],
      properties: {
        revocations: { type: 'array', items: { type: 'object', additionalProperties: true } },
        next: { type: 'integer' },
      },
    },
    async handle({ request }) {
      const after = sequenceNumber(request.query('after'));
      const newest = await store.newest();
      const page = after > newest ? [] : await store.after(after, now(), PAGE);
      const last = page.length === PAGE ? page.at(-1)?.seq : newest;
      const visible = page.filter(({ kind }) => publishUsers || kind !== 'user');
      return { revocations: visible.map(publicView), next: last ?? newest };
    },
  });

/** A revocation as strangers may see it. */
export const publicView = ({ seq, kind, subject, issuedBefore, expiresAt }: Revocation) => ({
  seq,
  ...(kind === 'all' ? { all: true } : { [kind]: hash('sha256', subject, 'base64url') }),
  ...(kind !== 'session' && { issued_before: issuedBefore }),
  expires_at: Math.ceil(expiresAt / 1000),
});

export function sequenceNumber(text: string | undefined): number {
  const value = Number(text ?? 0);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Refusal({
    code: 'invalid_fields',
    fields: { after: [{ code: 'not_a_choice', params: { value: text ?? '' } }] },
  });
}
