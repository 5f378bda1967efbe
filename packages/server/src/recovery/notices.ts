/** Mails that tell the owner of an account what happened to it; the operator can switch each off. */
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Notice } from '../config/mail-settings.ts';
import type { Transaction } from '../database/database.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Throttle } from '../throttle/attempt.ts';
import type { Notify } from '../users/notify.ts';
import { readerOf } from './reader.ts';

// A notice that is a day old is of no use.
const LIFETIME_MS = 24 * 3_600_000;

export type Notices = ReturnType<typeof createNotices>;

type Deps = { readonly config: Config; readonly clock: Clock };
type Uses = {
  readonly outbox: Outbox;
  readonly transaction: Transaction;
  readonly throttle: Pick<Throttle, 'notice'>;
};

export function createNotices({ config, clock }: Deps, { outbox, transaction, throttle }: Uses) {
  const isOn = (notice: Notice) => config.smtpUrl !== 'off' && config.mailNotices.includes(notice);
  const mailOf = (notice: Notice, recipient: string, by: Origin) => {
    const { network, language } = readerOf(by);
    const expiresAt = clock.now() + LIFETIME_MS;
    return { template: notice, recipient, language, params: { network }, expiresAt };
  };

  /** Queues a notice to the owner of an account, in the transaction of its cause. */
  const notify: Notify = async (tx, user, notice, by) => {
    if (!isOn(notice)) return;
    const mail = mailOf(notice, user.email, by);
    const params = { ...mail.params, account: user.email };
    await outbox.enqueue(tx, { ...mail, params, userId: user.id });
  };

  return {
    isOn,
    notify,

    /** Whether to notify the owner of a login with a new device from a new network. */
    admitsNewDevice: async (account: string): Promise<boolean> =>
      isOn('new_device') && throttle.notice('new_device', account),

    /**
     * Notifies the owner of an account that many logins have failed. The cost does not depend on
     * whether the account exists, because it is looked up when the mail is made.
     */
    async manyFailures(account: string, count: number, by: Origin): Promise<void> {
      if (!isOn('login_failures') || !(await throttle.notice('login_failures', account))) return;
      const mail = mailOf('login_failures', account, by);
      const params = { ...mail.params, count };
      await transaction((tx) => outbox.enqueue(tx, { ...mail, params }));
    },
  };
}
