import type { Clock } from '../clock.ts';
import type { Database, Tx } from '../database/database.ts';
import type { Part } from '../part.ts';
import { createOneTimeTokens } from './one-time-tokens.ts';
import { createOneTimeTokenStore } from './store.ts';
import type { DeriveKey } from './token.ts';

// A used link is refused as used until it expires; then the row has no use.
const KEPT_MS = 86_400_000;

type Deps = { readonly database: Database; readonly clock: Clock };

/** One-time tokens over their table. */
export function createOneTimeTokenFeature({ database, clock }: Deps, deriveKey: DeriveKey) {
  const store = createOneTimeTokenStore(database);
  const part: Part = { purges: [(tx, now, limit) => store.purge(tx, now - KEPT_MS, limit)] };
  const oneTimeTokens = createOneTimeTokens({ store, clock, deriveKey });
  return { oneTimeTokens, part };
}

/** The rules of mailed tokens that accounts need, without the key, which the CLI lacks. */
export function createTokenRules({ database, clock }: Deps) {
  const { voidAll, voidPurposes, isReserved, forget, clear } = createOneTimeTokenStore(database);
  const part: Part = {
    // An undo stays: the old mailbox of an account must not lose it by another's restore, and a second
    // use of it says the same as the first.
    onRestore: (tx) => clear(tx, 'email_undo'),
  };
  return {
    part,

    /** Deletes the mailed tokens of an account. */
    forgetTokens: forget,

    /** Ends the mailed tokens of an account; those that undo a change of address only with `undo`. */
    voidTokens: (tx: Tx, userId: number, { undo }: { readonly undo: boolean }): Promise<void> =>
      voidAll(tx, userId, undo ? {} : { except: 'email_undo' }),

    /** Ends the logins of an account that still wait for a code. */
    voidChallenges: (tx: Tx, userId: number): Promise<void> =>
      voidPurposes(tx, userId, ['second_factor', 'factor_setup']),

    /** Whether an address is kept for a change that can still be undone. */
    isReserved: (tx: Tx, canonical: string, exceptUser?: number): Promise<boolean> =>
      isReserved(tx, canonical, clock.now(), exceptUser),
  };
}
