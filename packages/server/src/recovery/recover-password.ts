/**
 * A forgotten password: a client requests a mail by address, and resets.ts sets a new password with the
 * token in it. The request does the same work for every address. Whether an account has it is looked up
 * when the mail is made (mails.ts).
 */
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Transaction, Tx } from '../database/database.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { parseEmail } from '../users/email.ts';
import { type CountMail, MAIL_LIFETIME_MS, readerOf } from './reader.ts';

type PreparedMail = {
  within(tx: Tx): Promise<void>;
  committed(): void;
};

type Deps = {
  readonly outbox: Outbox;
  readonly countMail: CountMail;
  readonly transaction: Transaction;
  readonly clock: Clock;
};

export function createPasswordRecovery({ outbox, countMail, transaction, clock }: Deps) {
  /**
   * Counts a mail, before the change that it belongs to.
   *
   * @returns functions that queue it in the transaction of that change; `undefined` = not an address
   * @throws {Refusal} `throttled`
   */
  async function prepare(email: string, by: Origin): Promise<PreparedMail | undefined> {
    const address = parseEmail(email);
    if (!address) return undefined;
    const { network, language } = readerOf(by);
    const isAllowed = await countMail(network, address.canonical);
    return {
      async within(tx) {
        if (!isAllowed) return;
        await outbox.enqueue(tx, {
          template: 'reset',
          recipient: address.canonical,
          language,
          params: { network },
          expiresAt: clock.now() + MAIL_LIFETIME_MS,
        });
      },
      committed: () => outbox.wake(),
    };
  }

  return {
    prepare,

    /** @returns `invalid` = not an address. Otherwise nothing reveals whether an account has it */
    async request(email: string, by: Origin): Promise<'done' | 'invalid'> {
      const mail = await prepare(email, by);
      if (!mail) return 'invalid';
      await transaction(mail.within);
      mail.committed();
      return 'done';
    },
  };
}
