/**
 * A forgotten password: a mail is asked for by address, a new password is set with what it carries.
 * The request does the same work for every address; whether an account has it is looked up when
 * the mail is made (mails.ts).
 */
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Transaction, Tx } from '../database/database.ts';
import type { FieldFault } from '../errors.ts';
import type { OneTimeTokens } from '../one-time-tokens/one-time-tokens.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Requester } from '../passwords/fair-queue.ts';
import { parseEmail } from '../users/email.ts';
import type { Mailbox } from '../users/mailbox.ts';
import type { Users } from '../users/users.ts';
import type { FindPresented, Presented } from './presented.ts';
import { type CountMail, MAIL_LIFETIME_MS, readerOf } from './reader.ts';

export type Recovered = 'done' | 'invalid' | { readonly faults: readonly FieldFault[] };

export type PreparedMail = {
  within(tx: Tx): Promise<void>;
  committed(): void;
};

type Deps = {
  readonly users: Users;
  readonly mailbox: Mailbox;
  readonly oneTimeTokens: OneTimeTokens;
  readonly outbox: Outbox;
  readonly find: FindPresented;
  readonly countMail: CountMail;
  readonly transaction: Transaction;
  readonly clock: Clock;
};

export function createPasswordRecovery(deps: Deps) {
  const { users, mailbox, oneTimeTokens, outbox, find, countMail, transaction, clock } = deps;

  /**
   * Counts a mail, before the change that it belongs to.
   *
   * @returns how to send it with the transaction of that change; `undefined` for what is no address
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

    /** @returns `invalid` for what is no address; else nothing tells whether an account has it */
    async request(email: string, by: Origin): Promise<'done' | 'invalid'> {
      const mail = await prepare(email, by);
      if (!mail) return 'invalid';
      await transaction(mail.within);
      mail.committed();
      return 'done';
    },

    /**
     * Sets a new password and ends everything that the old one opened. The token is spent in the
     * transaction of the change; a password that breaks a rule leaves it as it is.
     */
    async confirm(
      presented: Presented,
      password: string,
      by: Origin,
      requester: Requester,
    ): Promise<Recovered> {
      const token = await find(presented, 'reset');
      const user = token && (await users.findById(token.userId));
      if (!token || token.usedAt !== undefined || !user?.isActive) return 'invalid';
      // A link that was mailed to an address that is no longer the account's.
      if (user.canonicalEmail !== token.address) return 'invalid';
      return mailbox.recoverPassword(user, password, {
        by,
        requester,
        spend: (tx) => oneTimeTokens.spend(tx, token),
      });
    },
  };
}
