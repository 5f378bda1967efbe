import type { Tx } from '../database/database.ts';
import type { KindsStore } from './kinds-store.ts';
import type { PasskeyStore } from './passkey-store.ts';
import type { FactorStore } from './store.ts';

type Deps = {
  readonly store: FactorStore;
  readonly passkeys: PasskeyStore;
  readonly kinds: KindsStore;
};

/**
 * Deletes the factors of an account, without a step-up and without a notice.
 *
 * @param since epoch milliseconds; factors that were turned on before stay. Absent: all go
 * @returns how many factors there were
 */
type Forget = (tx: Tx, userId: number, since?: number) => Promise<number>;

export const createForget =
  ({ store, passkeys, kinds }: Deps): Forget =>
  async (tx, userId, since = 0) => {
    const apps = await store.forget(tx, userId, since);
    const keys = await passkeys.forget(tx, userId, since);
    // Recovery codes alone are no factor.
    if ((await kinds.kindsOf(userId, tx)).length === 0) await store.forget(tx, userId, 0);
    return apps + keys;
  };
