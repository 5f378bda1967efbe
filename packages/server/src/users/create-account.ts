import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Transaction, Tx } from '../database/database.ts';
import { EMAIL_INVALID } from '../http/refusals.ts';
import { parseEmail } from './email.ts';
import { EMAIL_TAKEN, USERNAME_INVALID } from './refusals.ts';
import type { IsReserved, Registration } from './registration.ts';
import type { UserStore } from './store.ts';
import type { User } from './user.ts';
import { looksLikeId, parseUsername } from './username.ts';

type Deps = {
  readonly store: UserStore;
  readonly transaction: Transaction;
  readonly isReserved: IsReserved;
  readonly newUuid: (() => string) | undefined;
  readonly audit: Audit;
  readonly clock: Clock;
};

/** An account created by an operator: it has no password until its owner sets one by mail or a link. */
export const createWithoutPassword =
  ({ store, transaction, isReserved, newUuid, audit, clock }: Deps) =>
  async (
    email: string,
    name: string | undefined,
    by: Origin,
    within?: (tx: Tx, user: User) => Promise<void>,
  ): Promise<Registration> => {
    const address = parseEmail(email);
    if (!address) return { ok: false, faults: { email: [EMAIL_INVALID] } };
    const username = name === undefined ? undefined : parseUsername(name);
    if (name !== undefined && (!username || looksLikeId(username)))
      return { ok: false, faults: { username: [USERNAME_INVALID] } };
    const user = await transaction(async (tx) => {
      if (await isReserved(tx, address.canonical)) return undefined;
      const created = await store.insert(tx, {
        ...{ uuid: newUuid?.(), email: address, username, passwordHash: undefined },
        ...{ now: clock.now(), awaitsProof: false },
      });
      if (!created) return undefined;
      await audit.record(tx, { event: 'user.register', userId: created.id, by });
      await within?.(tx, created);
      return created;
    });
    return user ? { ok: true, user } : { ok: false, faults: { email: [EMAIL_TAKEN] } };
  };
