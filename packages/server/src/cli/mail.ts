import type { Command } from 'commander';
import { sendTestMail } from '../mail/test-mail.ts';
import type { QueuedMail } from '../outbox/store.ts';
import { parseEmail } from '../users/email.ts';
import type { Context } from './context.ts';
import { CliError, EXIT } from './failure.ts';

const PAGE_SIZE = 500;

type Output = { json?: boolean };

export function fillMail(mail: Command, context: Context): void {
  const { print, withAccounts, withDatabase, clock, stdout } = context;
  mail.addHelpText(
    'after',
    `
Examples:
  $ gatepass mail test you@example.com
  $ gatepass mail list
  $ gatepass mail retry
  $ gatepass mail retry 17`,
  );

  mail
    .command('test <email>')
    .description('send one mail through GATEPASS_SMTP_URL now and print the reply of the server')
    .addHelpText(
      'after',
      `
Examples:
  $ gatepass mail test you@example.com`,
    )
    .option('--json', 'print JSON')
    .action((email: string, { json }: Output) =>
      withDatabase(async (_database, { smtpUrl, mailFrom }) => {
        if (smtpUrl === 'off')
          throw new CliError(
            EXIT.usage,
            'No mail is set up. Set GATEPASS_SMTP_URL; see docs/mail.md.',
          );
        const address = parseEmail(email);
        if (!address)
          throw new CliError(EXIT.usage, `${JSON.stringify(email)} is not an e-mail address.`);
        const onto = (text: string) => stdout.write(`${text}\n`);
        const sender = { url: smtpUrl, from: mailFrom, print: onto };
        const reason = await sendTestMail(sender, address.typed, clock.now());
        if (reason !== undefined)
          throw new CliError(EXIT.failed, `The mail was not sent. The server said: ${reason}`);
        print({ sent: address.typed }, `Sent a mail to ${address.typed}.`, json);
      }),
    );

  mail
    .command('list')
    .description('list mail that is queued or was given up, one per line, the oldest first')
    .addHelpText(
      'after',
      `
Examples:
  $ gatepass mail list`,
    )
    .option('--json', 'print JSON')
    .action(({ json }: Output) =>
      withAccounts(async ({ outboxStore }) => {
        for (let after = 0; ; ) {
          const page = await outboxStore.page(after, PAGE_SIZE);
          for (const each of page) print(viewOf(each), rowOf(each), json);
          const last = page.at(-1);
          if (!last || page.length < PAGE_SIZE) return;
          after = last.id;
        }
      }),
    );

  mail
    .command('retry [id]')
    .description('retry one mail at once, or all; running servers send it')
    .addHelpText(
      'after',
      `
Examples:
  $ gatepass mail retry
  $ gatepass mail retry 17`,
    )
    .option('--json', 'print JSON')
    .action((id: string | undefined, { json }: Output) =>
      withAccounts(async ({ outboxStore, transaction }) => {
        const number = id === undefined ? undefined : Number(id);
        if (number !== undefined && !Number.isSafeInteger(number))
          throw new CliError(EXIT.usage, `${JSON.stringify(id)} is not the number of a mail.`);
        const retried = await transaction((tx) => outboxStore.retry(tx, clock.now(), number));
        if (number !== undefined && retried === 0)
          throw new CliError(
            EXIT.notFound,
            `No mail that can be retried has the number ${number}. "gatepass mail list" shows all.`,
          );
        const mails = retried === 1 ? '1 mail is' : `${retried} mails are`;
        print({ retried }, `${mails} due now.`, json);
      }),
    );
}

const time = (epochMs: number) => new Date(epochMs).toISOString();

const viewOf = (mail: QueuedMail) => ({
  id: mail.id,
  template: mail.template,
  recipient: mail.recipient,
  created_at: time(mail.createdAt),
  state: mail.failedAt === undefined ? 'waiting' : 'given up',
  attempts: mail.attempts,
  next_attempt_at: mail.failedAt === undefined ? time(mail.dueAt) : null,
  last_error: mail.lastError ?? null,
});

const rowOf = (mail: QueuedMail) =>
  [
    String(mail.id).padStart(6),
    mail.failedAt === undefined ? 'waiting ' : 'given up',
    time(mail.createdAt).slice(0, 16),
    `attempts ${mail.attempts}`,
    mail.template,
    mail.recipient,
    mail.lastError ?? '',
  ]
    .join('  ')
    .trimEnd();
