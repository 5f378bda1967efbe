import { randomBytes } from 'node:crypto';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { passkeySiteOf } from '../config/passkey-settings.ts';
import type { Database, Tx } from '../database/database.ts';
import { createSeal } from '../keys/seal.ts';
import type { Part } from '../part.ts';
import type { Notify } from '../users/notify.ts';
import { createAppArrivals } from './app-arrivals.ts';
import { createAppDepartures } from './app-departures.ts';
import { createCodes, sealedName } from './codes.ts';
import { createFactors } from './factors.ts';
import { createKindsStore } from './kinds-store.ts';
import { createPasskeyStore } from './passkey-store.ts';
import { createPasskeys } from './passkeys.ts';
import { createRequirement } from './requirement.ts';
import { createFactorStore } from './store.ts';
import { createTurningOn, type EndOthers } from './turning-on.ts';

type Deps = { readonly config: Config; readonly database: Database; readonly clock: Clock };
type Uses = {
  readonly audit: Audit;
  readonly notify: Notify;
  readonly endOthers: EndOthers;
  readonly voidChallenges: (tx: Tx, userId: number) => Promise<void>;
};

const RESEALED_AT_ONCE = 500;
/** Used challenges stay marked after they expire: a node whose clock is behind must refuse them too. */
const CHALLENGES_KEPT_MS = 3_600_000;

const random = (bytes: number) => Uint8Array.from(randomBytes(bytes));

/** Second factors over their tables. */
export function createMfa({ config, database, clock }: Deps, uses: Uses) {
  const store = createFactorStore(database);
  const seal = createSeal(config.masterKey, config.previousMasterKey, 'second factor');
  const kinds = createKindsStore(database);
  const { transaction } = database;
  const codes = createCodes({ ...uses, store, seal, clock });
  const changing = { ...uses, store, kinds, transaction, clock, random };
  const factors = createFactors({
    ...changing,
    passkeys: createPasskeyStore(database),
    ...{ codes, seal },
    turningOn: createTurningOn(changing),
    issuer: nameOf(config),
    isOn: config.mfa !== 'off',
  });
  /** Seals every secret with the present master key. */
  async function resealFactors(): Promise<void> {
    const { fingerprint } = seal;
    if (fingerprint === undefined) return;
    for (;;) {
      const rows = await store.sealedOtherwise(fingerprint, RESEALED_AT_ONCE);
      if (rows.length === 0) return;
      const resealed = rows.map((row) => {
        const [kid, alg] = sealedName(row.userId);
        return [row, seal.seal(kid, alg, seal.open({ kid, alg, ...row }))] as const;
      });
      await transaction(async (tx) => {
        for (const [row, sealed] of resealed) await store.reseal(tx, row, sealed);
      });
    }
  }
  const requirement = createRequirement({
    ...{ store, transaction, clock },
    isRequired: config.mfa === 'required',
    grace: config.mfaGrace,
  });
  return {
    factors,
    appArrivals: createAppArrivals({ store, seal, clock }),
    appDepartures: createAppDepartures({ store, kinds, seal }),
    requirement,
    /** Called before a node serves. @throws {MasterKeyError} when a secret cannot be opened */
    async startFactors(): Promise<void> {
      await resealFactors();
      await requirement.noteRequirement();
    },
  };
}

/** Passkeys over their tables, with the key that signs their challenges. */
export function createPasskeyFeature(
  { config, database, clock }: Deps,
  deriveKey: (info: string) => Uint8Array,
) {
  const store = createPasskeyStore(database);
  const part: Part = {
    purges: [(tx, now, limit) => store.purgeChallenges(tx, now - CHALLENGES_KEPT_MS, limit)],
  };
  const passkeys = createPasskeys({
    ...{ store, deriveKey, clock, random },
    site: passkeySiteOf(config),
    name: nameOf(config),
    isOn: config.mfa !== 'off',
  });
  return { passkeys, part };
}

/** For reports to the operator about how secrets are stored. */
export const countSecrets = (database: Database) => createFactorStore(database).countSecrets();

/** For reports to the operator: passkeys by the domain that they were made for. */
export const countPasskeys = (database: Database) => createPasskeyStore(database).countByDomain();

/** The name that apps and browsers show for the service: the host of its public address. */
const nameOf = ({ publicUrl, issuer }: Config): string => {
  const url = [publicUrl, issuer].find((text) => URL.canParse(text));
  return url === undefined ? 'Gatepass' : new URL(url).host || 'Gatepass';
};
