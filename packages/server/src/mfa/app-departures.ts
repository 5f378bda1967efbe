/** Authenticator apps for another service, with their secrets in clear. */
import type { Tx } from '../database/database.ts';
import type { Seal } from '../keys/seal.ts';
import { sealedName } from './codes.ts';
import type { KindsStore } from './kinds-store.ts';
import type { FactorStore } from './store.ts';
import type { StoredTotp } from './totp-store.ts';

export type AppDepartures = ReturnType<typeof createAppDepartures>;

export type DepartingApp = Pick<
  StoredTotp,
  'userId' | 'name' | 'secret' | 'digits' | 'period' | 'lastStep'
>;

type Deps = { readonly store: FactorStore; readonly kinds: KindsStore; readonly seal: Seal };

export const createAppDepartures = ({ store, kinds, seal }: Deps) => ({
  /**
   * The apps that are on, of the accounts with ids from `first` to `last`.
   *
   * @throws {MasterKeyError} when a secret cannot be opened
   */
  async between(tx: Tx, first: number, last: number): Promise<DepartingApp[]> {
    const stored = await store.confirmedBetween(tx, first, last);
    return stored.map((totp) => {
      const [kid, alg] = sealedName(totp.userId);
      return { ...totp, secret: seal.open({ kid, alg, ...totp }) };
    });
  },

  /** Accounts in the same range with codes that were used or made here, unlike the imported ones. */
  withOtherCodes: store.withOtherCodes,

  withPasskeysAlone: kinds.withPasskeysAlone,
});
