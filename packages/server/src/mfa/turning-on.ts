/** Turns factors on. Each change of factors ends other sessions; a first one brings recovery codes. */
import type { Audit } from '../audit/audit.ts';
import type { Origin } from '../audit/event.ts';
import type { Clock } from '../clock.ts';
import type { Transaction, Tx } from '../database/database.ts';
import type { Notify } from '../users/notify.ts';
import type { User } from '../users/user.ts';
import type { KindsStore } from './kinds-store.ts';
import { CODE_BYTES, CODES, codeFrom, hashOf, readCode } from './recovery-codes.ts';
import type { FactorStore } from './store.ts';

export type TurningOn = ReturnType<typeof createTurningOn>;

/** Ends all sessions of an account but one, within `tx`. Call the returned function after the commit. */
export type EndOthers = (
  tx: Tx,
  userId: number,
  reason: 'factor_changed',
  options: {
    readonly except?: string | undefined;
    readonly issuedBefore: number;
    readonly by: Origin;
  },
) => Promise<() => Promise<unknown>>;

type Deps = {
  readonly store: Pick<FactorStore, 'replaceCodes'>;
  readonly kinds: KindsStore;
  readonly audit: Audit;
  readonly notify: Notify;
  readonly endOthers: EndOthers;
  /** Ends logins that began before the factors changed. */
  readonly voidChallenges: (tx: Tx, userId: number) => Promise<void>;
  readonly transaction: Transaction;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
};

export type Change = {
  readonly by: Origin;
  /** The session that does not end. */
  readonly sessionId: string | undefined;
  /** Runs first in the same transaction; throws if the caller may no longer make the change. */
  readonly hold?: (tx: Tx) => Promise<void>;
  /** Runs in the same transaction. */
  readonly within?: (tx: Tx) => Promise<unknown>;
};

/** A factor that may be turned on, and the recovery codes that a first one brings. */
type Prepared = {
  /** @returns `false` when it was turned on meanwhile */
  readonly insert: (tx: Tx, now: number) => Promise<boolean>;
  readonly texts: string[];
  readonly hashes: string[];
};

export function createTurningOn(deps: Deps) {
  const { store, kinds, audit, notify, transaction, clock, random } = deps;

  const endOthers = (tx: Tx, user: User, { by, sessionId }: Change) =>
    deps.endOthers(tx, user.id, 'factor_changed', {
      except: sessionId,
      // `iat` counts whole seconds, so all tokens issued in this one are void (docs/decisions/006).
      issuedBefore: Math.floor(clock.now() / 1000) + 1,
      by,
    });

  /** Ten codes and the hashes that are stored. */
  function newCodes(userId: number) {
    const texts = Array.from({ length: CODES }, () => codeFrom(random(CODE_BYTES)));
    return { texts, hashes: texts.map((text) => hashOf(userId, readCode(text) ?? text)) };
  }

  /**
   * Turns a factor on, within `tx`. All other sessions end, because they were opened without it. The
   * first factor brings recovery codes.
   *
   * @returns `undefined` when it was turned on meanwhile; the caller must then roll `tx` back
   */
  async function turnOn(tx: Tx, user: User, prepared: Prepared, change: Change) {
    const { insert, texts, hashes } = prepared;
    await change.hold?.(tx);
    // Before any read, because it locks the account, as a login does: no login can come in between.
    const committed = await endOthers(tx, user, change);
    const isFirst = (await kinds.kindsOf(user.id, tx)).length === 0;
    const now = clock.now();
    if (!(await insert(tx, now))) return undefined;
    if (isFirst) await store.replaceCodes(tx, user.id, hashes, now);
    await deps.voidChallenges(tx, user.id);
    await change.within?.(tx);
    await audit.record(tx, { event: 'factor.add', userId: user.id, by: change.by });
    await notify(tx, user, 'factor_added', change.by);
    return { committed, codes: isFirst ? texts : [] };
  }

  /** @returns the recovery codes of a first factor; `undefined` = it was turned on meanwhile */
  async function turnOnAlone(user: User, prepared: Prepared, change: Change) {
    const done = await transaction(async (tx) => {
      const turnedOn = await turnOn(tx, user, prepared, change);
      if (!turnedOn) throw CONFIRMED_ELSEWHERE;
      return turnedOn;
    }).catch(unlessConfirmedElsewhere);
    await done?.committed();
    return done?.codes;
  }

  return { turnOn, turnOnAlone, endOthers, newCodes };
}

/** Thrown inside the transaction to roll it back. */
const CONFIRMED_ELSEWHERE = Symbol('confirmed elsewhere');

const unlessConfirmedElsewhere = (error: unknown): undefined => {
  if (error !== CONFIRMED_ELSEWHERE) throw error;
};
