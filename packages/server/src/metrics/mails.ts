import { Counter, Gauge, type Registry } from 'prom-client';
import type { MailObserver } from '../outbox/delivery.ts';

/** The state of the outbox, which is the same for all processes of a database. */
export type MailState = {
  readonly pending: number;
  readonly failed: number;
  /** When the oldest that waits was asked for, epoch milliseconds; `undefined` = none waits. */
  readonly oldest: number | undefined;
};

/** Counts of mail that this process sends. */
export function createMailCounts(registry: Registry): MailObserver {
  const registers = [registry];
  const sent = new Counter({
    name: 'gatepass_mails_sent_total',
    help: 'Mails that the mail server has taken over.',
    registers,
  });
  const failed = new Counter({
    name: 'gatepass_mail_failures_total',
    help: 'Attempts to send a mail that failed; each is repeated, or the mail is given up.',
    registers,
  });
  return { sent: () => sent.inc(), failed: () => failed.inc() };
}

/** The queue, read once per scrape. A database that cannot be read leaves the samples out. */
export function watchMail(registry: Registry, read: () => Promise<MailState>, now: () => number) {
  const gauge = (name: string, help: string, collect?: () => Promise<void>) =>
    new Gauge({
      name,
      help,
      aggregator: 'max',
      registers: [registry],
      ...(collect && { collect }),
    });
  let reading: Promise<MailState | undefined> = Promise.resolve(undefined);
  const show = (name: string, help: string, numberOf: (state: MailState) => number) => {
    const shown: Gauge = gauge(name, help, async () => {
      // The first gauge that is asked reads for all.
      if (shown === first) reading = read().catch(() => undefined);
      const state = await reading;
      if (state) shown.set(numberOf(state));
      else shown.remove();
    });
    return shown;
  };
  const first = show('gatepass_mails_pending', 'Mails that wait to be sent.', (is) => is.pending);
  show(
    'gatepass_mails_given_up',
    'Mails that were given up in the last 7 days.',
    (is) => is.failed,
  );
  show(
    'gatepass_mail_oldest_age_seconds',
    'Since the oldest mail that waits was asked for; 0 = none waits.',
    ({ oldest }) => (oldest === undefined ? 0 : Math.max(0, now() - oldest) / 1000),
  );
}
