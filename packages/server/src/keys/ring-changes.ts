/**
 * The only way to change the ring. A change is decided from the rows and committed in one
 * transaction with its audit event, but only if the rows have not changed since: of several nodes
 * that decide the same, one succeeds, and the others find nothing left to do.
 */
import { randomBytes } from 'node:crypto';
import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Tx } from '../database/database.ts';
import { type Change, dueChanges, type RingPolicy, startChanges } from './changes.ts';
import type { Refused } from './commanded-changes.ts';
import { generatePrivateKey } from './key-pair.ts';
import type { Algorithm, RingKey } from './schedule.ts';
import type { Seal, StoredSecret } from './seal.ts';
import { type KeyStore, SECRET_KID } from './store.ts';

export type { Rows } from './store.ts';

export type RingChanges = ReturnType<typeof createRingChanges>;
export type Decide = (
  ring: readonly RingKey[],
  now: number,
  policy: RingPolicy,
) => Change[] | Refused;

type Deps = {
  store: KeyStore;
  seal: Seal;
  audit: Pick<Audit, 'record'>;
  clock: Clock;
  policy: RingPolicy;
};

const ATTEMPTS = 5;
const SECRET_BYTES = 64;
const BY_SCHEDULE: Origin = { actor: 'schedule' };

/** Another process changed the row first. */
class Overtaken extends Error {}

type Made = { readonly kid: string; readonly secret: Uint8Array };

export function createRingChanges({ store, seal, audit, clock, policy }: Deps) {
  const sealedOf = (kid: string, alg: string, secret: Uint8Array): StoredSecret =>
    secret.length === 0 ? { kid, alg, secret, sealedBy: undefined } : seal.seal(kid, alg, secret);

  async function make(change: Change): Promise<Made | undefined> {
    if (change.kind !== 'create') return undefined;
    if (change.alg === 'HS256')
      return { kid: `${SECRET_KID}-${change.serial}`, secret: new Uint8Array() };
    const { kid, pkcs8 } = await generatePrivateKey(change.alg);
    return { kid, secret: pkcs8 };
  }

  async function carryOut(tx: Tx, change: Change, made: Made | undefined): Promise<number> {
    switch (change.kind) {
      case 'create': {
        if (!made) return 0;
        const { alg, serial, state, activatesAt } = change;
        const key: RingKey = {
          kid: made.kid,
          alg,
          serial,
          state,
          createdAt: clock.now(),
          activatesAt,
          retiresAt: undefined,
          tokenLifetime: policy.accessTokenLifetime,
        };
        return store.insertKey(tx, key, sealedOf(made.kid, alg, made.secret));
      }
      case 'promote':
        return store.promote(tx, change.kid, change.activatesAt);
      case 'retire':
        return store.retire(tx, change.kid, ['next', 'current'], change.retiresAt);
      case 'kill':
        return store.retire(tx, change.kid, ['next', 'current', 'retired'], change.retiresAt);
      case 'reschedule':
        return store.reschedule(tx, change.kid, change.activatesAt);
      case 'extend':
        return store.extend(tx, change.kid, change.tokenLifetime);
      case 'remove':
        return store.remove(tx, change.kid);
    }
  }

  async function recordOf(tx: Tx, change: Change, made: Made | undefined, by: Origin) {
    const kid = 'kid' in change ? change.kid : made?.kid;
    const begins =
      change.kind === 'promote' || (change.kind === 'create' && change.state === 'current');
    const event = begins
      ? 'key.rotate'
      : change.kind === 'kill' || change.kind === 'remove'
        ? 'key.retire'
        : undefined;
    if (event && kid) await audit.record(tx, { event, by, details: { kid } });
  }

  const commit = (
    seen: readonly RingKey[],
    changes: readonly Change[],
    made: (Made | undefined)[],
    by: Origin,
  ) =>
    store
      .transaction(async (tx) => {
        await store.beginChange(tx);
        const { ring } = await store.rows(tx);
        if (JSON.stringify(ring) !== JSON.stringify(seen)) throw new Overtaken();
        for (const [i, change] of changes.entries()) {
          if ((await carryOut(tx, change, made[i])) !== 1) throw new Overtaken();
          await recordOf(tx, change, made[i], by);
        }
        return true;
      })
      .catch((error) => {
        if (error instanceof Overtaken) return false;
        throw error;
      });

  /**
   * Decides and changes, and repeats that if another process was in between.
   *
   * @returns the changes that were made, maybe none; or why there are none
   */
  async function apply(decide: Decide, by: Origin = BY_SCHEDULE): Promise<Change[] | Refused> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { ring } = await store.rows();
      const decision = decide(ring, clock.now(), policy);
      if ('refused' in decision || decision.length === 0) return decision;
      // Before the transaction, which may await only statements: making an RSA key takes time.
      const made = await Promise.all(decision.map(make));
      if (await commit(ring, decision, made, by)) return decision;
    }
    throw new Error('The signing keys are being changed by others without a pause; try again');
  }

  /** Makes the changes that have become due; usually none. */
  async function keepUp(): Promise<void> {
    // Making the next key the current one and adding a new next key takes two rounds.
    for (let round = 0; round < 2; round++) {
      const changes = await apply(dueChanges);
      if ('refused' in changes || changes.length === 0) return;
    }
  }

  /** Reseals the rows that are in clear or under another master key. */
  async function reseal(): Promise<void> {
    const foreign = (await store.secrets()).filter(
      (row) => row.secret.length > 0 && row.sealedBy !== seal.fingerprint,
    );
    if (foreign.length === 0) return;
    const resealed = foreign.map((row): [StoredSecret, StoredSecret] => [
      seal.seal(row.kid, row.alg, seal.open(row)),
      row,
    ]);
    await store.transaction(async (tx) => {
      await store.beginChange(tx);
      for (const [row, seen] of resealed) await store.reseal(tx, row, seen);
    });
  }

  const newSecret = () => seal.seal(SECRET_KID, 'HS256', randomBytes(SECRET_BYTES));

  return {
    apply,
    keepUp,
    rows: () => store.rows(),

    /**
     * Checks that every stored key can be opened; changes nothing.
     *
     * @throws {MasterKeyError} when one cannot
     */
    async open(): Promise<{ stored: number; inClear: number }> {
      const stored = (await store.secrets()).filter(({ secret }) => secret.length > 0);
      for (const row of stored) seal.open(row);
      const inClear = stored.filter(({ sealedBy }) => sealedBy === undefined).length;
      return { stored: stored.length, inClear };
    },

    /**
     * A node runs this before it serves.
     *
     * @param needsSecret no secret is configured, so a generated one is required
     * @param isFresh whether no client holds a token yet
     * @throws {MasterKeyError} when stored keys cannot be opened
     */
    async start(algorithm: Algorithm, needsSecret: boolean, isFresh: boolean): Promise<void> {
      if (needsSecret)
        await store.transaction((tx) => store.insertSecret(tx, newSecret(), clock.now()));
      await reseal();
      await apply((ring, now) => startChanges(ring, now, policy, algorithm, isFresh));
      await keepUp();
    },

    /**
     * Replaces the generated secret: every token that the old one signed is void. `false` = there
     * is none.
     */
    async replaceSecret(by: Origin): Promise<boolean> {
      const { secret } = await store.rows();
      if (!secret) return false;
      const at = Math.max(clock.now(), secret.createdAt + 1);
      const changed = await store.transaction(async (tx) => {
        await store.beginChange(tx);
        const count = await store.replaceSecret(tx, newSecret(), at, secret.createdAt);
        if (count === 1)
          await audit.record(tx, { event: 'key.retire', by, details: { kid: SECRET_KID } });
        return count;
      });
      if (changed === 0) throw new Error('Another process has just replaced the secret');
      return true;
    },
  };
}
