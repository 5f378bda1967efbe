import type { Clock } from '../clock.ts';
import type { Database, Tx } from '../database/database.ts';
import type { Part } from '../part.ts';
import { createOneTimeTokens } from './one-time-tokens.ts';
import { createOneTimeTokenStore } from './store.ts';
import type { DeriveKey } from './token.ts';

// Until it expires, a used link is refused as used. After that the row has no use.
const KEPT_MS = 86_400_000;

type Deps = { readonly database: Database; readonly clock: Clock };

/** One-time tokens over their table. */
export function createOneTimeTokenFeature({ database, clock }: Deps, deriveKey: DeriveKey) {
  const store = createOneTimeTokenStore(database);
  const part: Part = { purges: [(tx, now, limit) => store.purge(tx, now - KEPT_MS, limit)] };
  const oneTimeTokens = createOneTimeTokens({ store, clock, deriveKey });
  return { oneTimeTokens, part };
}

/** The rules of tokens that accounts need. They work without the key, which the CLI does not have. */
export function createTokenRules({ database, clock }: Deps) {
  const { voidAll, voidPurposes, isReserved, forget, clear } = createOneTimeTokenStore(database);
  const part: Part = {
    // Undos survive the restore of a backup, because the old mailbox must not lose its undo.
    onRestore: (tx) => clear(tx, 'email_undo'),
  };
  return {
    part,

    forgetTokens: forget,

    /** Ends the unspent tokens of an account. Undos of a change of address end only if `undo` is set. */
    voidTokens: (tx: Tx, userId: number, { undo }: { readonly undo: boolean }): Promise<void> =>
      voidAll(tx, userId, undo ? {} : { except: 'email_undo' }),

    /** Ends the logins of an account that still wait for a factor, or for one to be set up. */
    voidChallenges: (tx: Tx, userId: number): Promise<void> =>
      voidPurposes(tx, userId, ['second_factor', 'factor_setup']),

    /** Whether an address is reserved because a change away from it can still be undone. */
    isReserved: (tx: Tx, canonical: string, exceptUser?: number): Promise<boolean> =>
      isReserved(tx, canonical, clock.now(), exceptUser),
  };
}
