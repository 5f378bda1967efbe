/** Mails that tell the owner of an account what happened to it; the operator can switch each off. */
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Notify } from '../users/notify.ts';
import { readerOf } from './reader.ts';

// A notice that is a day old is of no use.
const LIFETIME_MS = 24 * 3_600_000;

type Deps = { readonly config: Config; readonly clock: Clock };

export const createNotices =
  ({ config, clock }: Deps, outbox: Outbox): Notify =>
  async (tx, user, notice, by) => {
    if (config.smtpUrl === 'off' || !config.mailNotices.includes(notice)) return;
    const { network, language } = readerOf(by);
    await outbox.enqueue(tx, {
      template: notice,
      recipient: user.email,
      language,
      params: { network, account: user.email },
      userId: user.id,
      expiresAt: clock.now() + LIFETIME_MS,
    });
  };
