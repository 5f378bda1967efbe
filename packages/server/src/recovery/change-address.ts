/** Changes the address of an account. The new mailbox confirms the change, the old one can undo it. */
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Transaction, Tx } from '../database/database.ts';
import type { OneTimeTokens } from '../one-time-tokens/one-time-tokens.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { parseEmail } from '../users/email.ts';
import type { Mailbox } from '../users/mailbox.ts';
import type { User } from '../users/user.ts';
import type { Users } from '../users/users.ts';
import type { FindPresented, Presented } from './presented.ts';
import { type CountMail, MAIL_LIFETIME_MS, readerOf } from './reader.ts';

type Deps = {
  readonly users: Users;
  readonly mailbox: Mailbox;
  readonly oneTimeTokens: OneTimeTokens;
  readonly outbox: Outbox;
  readonly find: FindPresented;
  readonly countMail: CountMail;
  readonly transaction: Transaction;
  readonly clock: Clock;
  /** Whether the old address gets a notice with which it can undo the change. */
  readonly tellsOfChange: boolean;
};

export function createAddressChange(deps: Deps) {
  const { users, mailbox, oneTimeTokens, outbox, find, countMail, transaction, clock } = deps;
  const { tellsOfChange } = deps;
  return {
    /**
     * Mails a link to the new address. Nothing changes yet. If another account has the address, the
     * response does not reveal it: the mail is then a notice to the owner (mails.ts).
     */
    async request(user: User, newEmail: string, by: Origin): Promise<'done' | 'invalid'> {
      const address = parseEmail(newEmail);
      if (!address) return 'invalid';
      const { network, language } = readerOf(by);
      if (!(await countMail(network, user.canonicalEmail, address.canonical))) return 'done';
      await transaction(async (tx) => {
        const token = await oneTimeTokens.issue(tx, user.id, 'email_change', address.typed);
        await outbox.enqueue(tx, {
          template: 'email_change',
          recipient: address.typed,
          language,
          params: { network, account: user.email, new_address: address.typed },
          userId: user.id,
          tokenId: token.id,
          expiresAt: clock.now() + MAIL_LIFETIME_MS,
        });
      });
      outbox.wake();
      return 'done';
    },

    /** Changes the address, and mails the old one how to undo it. */
    async confirm(presented: Presented, by: Origin): Promise<'done' | 'invalid'> {
      const { network, language } = readerOf(by);
      const token = await find(presented, 'email_change');
      const user = token && (await users.findById(token.userId));
      const address = token && parseEmail(token.address);
      if (!token || token.usedAt !== undefined || !user?.isActive || !address) return 'invalid';
      const isDone = await mailbox.changeEmail(user, address, by, async (tx) => {
        if (await oneTimeTokens.isReserved(tx, address.canonical, user.id)) return false;
        if (!(await oneTimeTokens.spend(tx, token))) return false;
        if (!tellsOfChange) return true;
        const undo = await oneTimeTokens.issue(tx, user.id, 'email_undo', user.canonicalEmail);
        await outbox.enqueue(tx, {
          template: 'email_changed',
          recipient: user.email,
          language,
          params: { network, account: user.email, new_address: address.typed },
          userId: user.id,
          tokenId: undo.id,
          expiresAt: undo.expiresAt,
        });
        return true;
      });
      if (isDone) outbox.wake();
      return isDone ? 'done' : 'invalid';
    },

    /** Brings the old address back and ends all sessions. */
    async undo(presented: Presented, by: Origin): Promise<'done' | 'invalid'> {
      const token = await find(presented, 'email_undo');
      const user = token && (await users.findById(token.userId));
      const address = token && parseEmail(token.address);
      if (!token || token.usedAt !== undefined || !user?.isActive || !address) return 'invalid';
      const spend = async (tx: Tx) => {
        if (!(await oneTimeTokens.spend(tx, token))) return false;
        // Undos to earlier addresses stay valid, because this address may be an attacker's.
        await oneTimeTokens.voidLater(tx, token);
        return true;
      };
      const changedAt = token.createdAt;
      const isDone = await mailbox.restoreEmail(user, address, { by, spend, changedAt });
      return isDone ? 'done' : 'invalid';
    },
  };
}
