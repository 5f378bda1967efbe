/** Proves the address of a new account with a link or a code that is mailed to it. */
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Transaction, Tx } from '../database/database.ts';
import type { OneTimeTokens } from '../one-time-tokens/one-time-tokens.ts';
import { LIFETIMES_MS } from '../one-time-tokens/purpose.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { parseEmail } from '../users/email.ts';
import type { Mailbox } from '../users/mailbox.ts';
import type { User } from '../users/user.ts';
import type { Users } from '../users/users.ts';
import type { FindPresented, Presented } from './presented.ts';
import { type CountMail, readerOf } from './reader.ts';

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

export function createActivation(deps: Deps) {
  const { users, mailbox, oneTimeTokens, outbox, find, countMail, transaction, clock } = deps;
  const mailOf = (recipient: string, by: Origin) => {
    const { network, language } = readerOf(by);
    const expiresAt = clock.now() + LIFETIMES_MS.activation;
    return { template: 'activation', recipient, language, params: { network }, expiresAt };
  };

  return {
    /** Mails the link in the transaction of the registration. Call `outbox.wake` after the commit. */
    async welcome(tx: Tx, user: User, by: Origin): Promise<void> {
      const token = await oneTimeTokens.issue(tx, user.id, 'activation', user.canonicalEmail);
      await outbox.enqueue(tx, {
        ...mailOf(user.email, by),
        userId: user.id,
        tokenId: token.id,
      });
    },

    /** Queues another mail, in the same time whether or not an account has the address. */
    async resend(email: string, by: Origin): Promise<void> {
      const address = parseEmail(email);
      if (!address || !(await countMail(readerOf(by).network, address.canonical))) return;
      await transaction((tx) => outbox.enqueue(tx, mailOf(address.canonical, by)));
      outbox.wake();
    },

    /** Confirms the address. A repeat succeeds while the link lives, and changes nothing. */
    async confirm(presented: Presented, by: Origin): Promise<'done' | 'invalid'> {
      const token = await find(presented, 'activation');
      const user = token && (await users.findById(token.userId));
      if (!token || !user?.isActive || user.canonicalEmail !== token.address) return 'invalid';
      if (token.usedAt !== undefined) return 'done';
      const isDone = await mailbox.verifyEmail(user, by, (tx) => oneTimeTokens.spend(tx, token));
      return isDone ? 'done' : 'invalid';
    },
  };
}
