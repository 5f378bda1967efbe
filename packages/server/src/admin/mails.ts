import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { Transaction } from '../database/database.ts';
import { NOT_FOUND, Refusal } from '../errors.ts';
import { type Action, action } from '../http/action.ts';
import { type ObjectSchema, text } from '../http/openapi/schema.ts';
import type { OutboxStore, QueuedMail } from '../outbox/store.ts';
import { type AdminCaller, originOf } from './guard.ts';
import { cursorOf, cursorText, PAGE_QUERY, sizeOf } from './page.ts';
import { NULLABLE_TIME, time, timeOrNull } from './view.ts';

const MAIL = {
  title: 'AdminMail',
  type: 'object',
  required: [
    'id',
    'template',
    'recipient',
    'created_at',
    'state',
    'attempts',
    'next_attempt_at',
    'last_error',
  ],
  properties: {
    id: { type: 'integer' },
    template: text,
    recipient: text,
    created_at: text,
    state: { type: 'string', enum: ['waiting', 'given up'] },
    attempts: { type: 'integer' },
    next_attempt_at: NULLABLE_TIME,
    last_error: { type: ['string', 'null'] },
  },
} as const satisfies ObjectSchema;

const MAILS = {
  title: 'AdminMails',
  type: 'object',
  required: ['mails'],
  properties: { mails: { type: 'array', items: MAIL }, next: text },
} as const satisfies ObjectSchema;

const viewOf = (mail: QueuedMail) => ({
  id: mail.id,
  template: mail.template,
  recipient: mail.recipient,
  created_at: time(mail.createdAt),
  state: mail.failedAt === undefined ? ('waiting' as const) : ('given up' as const),
  attempts: mail.attempts,
  next_attempt_at: timeOrNull(mail.failedAt === undefined ? mail.dueAt : undefined),
  last_error: mail.lastError ?? null,
});

/** `GET /api/admin/mails` */
export const listMails = (outboxStore: OutboxStore): Action<AdminCaller> =>
  action({
    operationId: 'adminListMails',
    summary: 'Mail that waits or was given up, the oldest first',
    query: PAGE_QUERY,
    response: MAILS,
    async handle({ request }) {
      const size = sizeOf(request);
      const found = await outboxStore.page(cursorOf(request, 'number')?.id ?? 0, size + 1);
      const last = found.length > size ? found[size - 1] : undefined;
      return {
        mails: found.slice(0, size).map(viewOf),
        ...(last && { next: cursorText({ value: last.id, id: last.id }) }),
      };
    },
  });

/** `POST /api/admin/mails/:id/retry` */
export const retryMail = (
  outboxStore: OutboxStore,
  transaction: Transaction,
  audit: Audit,
  clock: Clock,
): Action<AdminCaller> =>
  action({
    operationId: 'adminRetryMail',
    summary: 'Try a mail again at once',
    status: 204,
    refuses: [404],
    async handle({ caller, request }) {
      const id = /^\d{1,15}$/.test(request.params['id'] ?? '') ? Number(request.params['id']) : 0;
      await transaction(async (tx) => {
        if ((await outboxStore.retry(tx, clock.now(), id)) === 0) throw new Refusal(NOT_FOUND);
        await audit.record(tx, { event: 'mail.retry', by: originOf(caller, request) });
      });
      return undefined;
    },
  });
