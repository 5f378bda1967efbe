import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Transaction } from '../database/database.ts';
import { invalidFields, Refusal } from '../errors.ts';
import { type Action, action } from '../http/action.ts';
import { type ObjectSchema, requiredFormat, text } from '../http/openapi/schema.ts';
import { EMAIL_INVALID } from '../http/refusals.ts';
import { sendTestMail } from '../mail/test-mail.ts';
import { NO_MAIL } from '../recovery/refusals.ts';
import { parseEmail } from '../users/email.ts';
import { type Administrator, originOf } from './guard.ts';

const TEST = {
  title: 'AdminMailTest',
  type: 'object',
  required: ['email'],
  properties: { email: requiredFormat('email', 'you@example.com') },
} as const satisfies ObjectSchema;

const TESTED = {
  title: 'AdminMailTested',
  type: 'object',
  required: ['is_sent'],
  properties: {
    is_sent: { type: 'boolean' },
    reason: { ...text, description: 'What the mail server said, where it was not sent' },
  },
} as const satisfies ObjectSchema;

type Uses = {
  readonly config: Pick<Config, 'smtpUrl' | 'mailFrom'>;
  readonly log: (text: string) => void;
  readonly audit: Audit;
  readonly transaction: Transaction;
  readonly clock: Clock;
};

/** `POST /api/admin/mails/test` */
export const testMail = ({ config, log, audit, transaction, clock }: Uses): Action<Administrator> =>
  action({
    operationId: 'adminTestMail',
    summary: 'Send one mail now, and tell what the mail server says',
    body: TEST,
    refuses: [404],
    response: TESTED,
    async handle({ body, caller, request }) {
      const { smtpUrl, mailFrom } = config;
      if (smtpUrl === 'off') throw new Refusal(NO_MAIL);
      const address = parseEmail(body.email);
      if (!address) throw invalidFields({ email: [EMAIL_INVALID] });
      await transaction((tx) =>
        audit.record(tx, { event: 'mail.test', by: originOf(caller, request) }),
      );
      const sender = { url: smtpUrl, from: mailFrom, print: log };
      const reason = await sendTestMail(sender, address.typed, clock.now());
      return reason === undefined ? { is_sent: true } : { is_sent: false, reason };
    },
  });
