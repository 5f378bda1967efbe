/** Authenticator apps of imported accounts, sealed like those that are set up here. */
import type { Clock } from '../clock.ts';
import type { Tx } from '../database/database.ts';
import type { Seal } from '../keys/seal.ts';
import { sealedName } from './codes.ts';
import { staticHashes } from './recovery-codes.ts';
import type { FactorStore } from './store.ts';
import type { StoredTotp } from './totp-store.ts';

export type AppArrivals = ReturnType<typeof createAppArrivals>;

export type ArrivingApp = Pick<
  StoredTotp,
  'userId' | 'name' | 'secret' | 'digits' | 'period' | 'lastStep'
>;

export type ArrivingCode = { readonly userId: number; readonly code: string };

type Deps = { readonly store: FactorStore; readonly seal: Seal; readonly clock: Clock };

// A row has ten values, so a batch stays below the number of parameters that a statement may have.
const BATCH = 500;

export const createAppArrivals = ({ store, seal, clock }: Deps) => ({
  /** Whether static codes can be kept: their hash needs a key that is in no copy of the database. */
  keepsCodes: seal.fingerprint !== undefined,

  /** Adds apps that their owners confirmed elsewhere to accounts of the same transaction. */
  async admit(tx: Tx, apps: readonly ArrivingApp[]): Promise<void> {
    const now = clock.now();
    for (let i = 0; i < apps.length; i += BATCH) {
      const sealed = apps
        .slice(i, i + BATCH)
        .map((app) => ({ ...app, ...seal.seal(...sealedName(app.userId), app.secret) }));
      await store.insertConfirmed(tx, sealed, now);
    }
  },

  /** Adds static codes. Each works once, as a recovery code. */
  async admitCodes(tx: Tx, codes: readonly ArrivingCode[]): Promise<void> {
    const now = clock.now();
    for (let i = 0; i < codes.length; i += BATCH) {
      const hashed = codes.slice(i, i + BATCH).flatMap(({ userId, code }) => {
        const [hash] = staticHashes(seal, userId, code);
        return hash === undefined ? [] : [{ userId, hash }];
      });
      if (hashed.length > 0) await store.addCodes(tx, hashed, now);
    }
  },
});
