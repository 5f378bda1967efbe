import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Transaction } from '../database/database.ts';
import type { ForgetDevices } from './mailbox.ts';
import { USERNAME_INVALID, USERNAME_TAKEN } from './refusals.ts';
import type { Registration } from './registration.ts';
import type { UserStore } from './store.ts';
import type { User } from './user.ts';
import { parseUsername } from './username.ts';

type Deps = {
  readonly store: UserStore;
  readonly transaction: Transaction;
  readonly forgetDevices: ForgetDevices;
  readonly audit: Audit;
};

/** Gives an account another username, or none. Sessions go on, because tokens do not contain it. */
export const createSetUsername =
  ({ store, transaction, forgetDevices, audit }: Deps) =>
  async (user: User, text: string | undefined, by: Origin): Promise<Registration> => {
    const username = text === undefined ? undefined : parseUsername(text);
    if (text !== undefined && !username)
      return { ok: false, faults: { username: [USERNAME_INVALID] } };
    const isDone = await transaction(async (tx) => {
      if (!(await store.setUsername(tx, user.id, username))) return false;
      await forgetDevices(tx, user.id);
      await audit.record(tx, { event: 'user.username', userId: user.id, by });
      return true;
    });
    return isDone
      ? { ok: true, user: { ...user, username: username?.typed } }
      : { ok: false, faults: { username: [USERNAME_TAKEN] } };
  };
