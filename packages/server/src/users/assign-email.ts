import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Transaction, Tx } from '../database/database.ts';
import { EMAIL_INVALID } from '../http/refusals.ts';
import { parseEmail } from './email.ts';
import type { ForgetDevices, VoidTokens } from './mailbox.ts';
import { EMAIL_TAKEN } from './refusals.ts';
import type { IsReserved, Registration } from './registration.ts';
import type { UserStore } from './store.ts';
import type { User } from './user.ts';

type Deps = {
  readonly store: UserStore;
  readonly transaction: Transaction;
  readonly isReserved: IsReserved;
  readonly voidTokens: VoidTokens;
  readonly forgetDevices: ForgetDevices;
  readonly unlock: (tx: Tx, account: string) => Promise<void>;
  readonly audit: Audit;
  readonly clock: Clock;
};

/**
 * An operator changes an address, often because the former mailbox is lost or in other hands: nothing
 * that was mailed there is valid any more, not even an undo (docs/decisions/080).
 */
export function createAssignEmail(deps: Deps) {
  const { store, transaction, isReserved, voidTokens, forgetDevices, unlock, audit, clock } = deps;
  return async (user: User, email: string, by: Origin): Promise<Registration> => {
    const address = parseEmail(email);
    if (!address) return { ok: false, faults: { email: [EMAIL_INVALID] } };
    const isDone = await transaction(async (tx) => {
      if (await isReserved(tx, address.canonical, user.id)) return false;
      if (!(await store.assignEmail(tx, user, address, clock.now()))) return false;
      await voidTokens(tx, user.id, { undo: true });
      await forgetDevices(tx, user.id);
      await unlock(tx, address.canonical);
      await audit.record(tx, { event: 'email.change', userId: user.id, by });
      return true;
    });
    return isDone
      ? { ok: true, user: { ...user, email: address.typed, canonicalEmail: address.canonical } }
      : { ok: false, faults: { email: [EMAIL_TAKEN] } };
  };
}
