/** Sets a new password with a token from a mail, or with a link that an operator handed over. */
import type { Origin } from '../audit/event.ts';
import type { FieldFault } from '../errors.ts';
import type { OneTimeTokens } from '../one-time-tokens/one-time-tokens.ts';
import type { Requester } from '../passwords/fair-queue.ts';
import type { Mailbox } from '../users/mailbox.ts';
import type { Users } from '../users/users.ts';
import type { FindPresented, Presented } from './presented.ts';

type Recovered = 'done' | 'invalid' | { readonly faults: readonly FieldFault[] };

export type Resets = ReturnType<typeof createResets>;

type Deps = {
  readonly users: Users;
  readonly mailbox: Mailbox;
  readonly oneTimeTokens: OneTimeTokens;
  readonly find: FindPresented;
};

export function createResets({ users, mailbox, oneTimeTokens, find }: Deps) {
  /** Accepts the link alone. Its code is never handed over, so only an attacker would present one. */
  const findHandedOver = async (presented: Presented) =>
    'token' in presented ? find(presented, 'reset_link') : undefined;

  return {
    /**
     * Sets a new password and ends everything that the old one opened. The token is spent in the
     * transaction of the change. A password that breaks a rule does not spend it.
     */
    async confirm(
      presented: Presented,
      password: string,
      by: Origin,
      requester: Requester,
    ): Promise<Recovered> {
      const token = (await find(presented, 'reset')) ?? (await findHandedOver(presented));
      const user = token && (await users.findById(token.userId));
      if (!token || token.usedAt !== undefined || !user?.isActive) return 'invalid';
      // The account no longer has the address that the token was made for.
      if (user.canonicalEmail !== token.address) return 'invalid';
      return mailbox.recoverPassword(user, password, {
        by,
        requester,
        spend: (tx) => oneTimeTokens.spend(tx, token),
        provesAddress: token.purpose === 'reset',
      });
    },
  };
}
