/**
 * The lifetimes of the tokens that servers of this database issue or accept. Owns the table
 * `token_lifetimes`, in which every server records its settings, because a revocation is often
 * written by a process with other settings, such as the command line.
 */
import type { Clock } from '../clock.ts';
import type { Database, Tx } from '../database/database.ts';
import { named } from '../database/statement.ts';

type Kind = 'access' | 'sessionless';

export type Lifetimes = ReturnType<typeof createLifetimes>;

type Deps = {
  readonly database: Database;
  readonly clock: Clock;
  readonly policy: {
    /** Milliseconds. */
    readonly accessTokenLifetime: number;
    readonly acceptSessionlessTokens: boolean;
  };
};

/** For clocks that differ between nodes. */
const MARGIN_MS = 60_000;
/** Another issuer may choose any lifetime; no access token lives a month. */
const SESSIONLESS_MS = 30 * 86_400_000;
const NOTE_EVERY_MS = 3_600_000;
/** A server that has not been seen for this long no longer issues tokens. */
const COUNTS_FOR_MS = 86_400_000;

export function createLifetimes({ database, clock, policy }: Deps) {
  const { db, prepare } = database;
  const longestOf = named(prepare, (p: { kind: Kind; since: number }) =>
    db
      .selectFrom('token_lifetimes')
      .select((eb) => eb.fn.max('lifetime').as('lifetime'))
      .where('kind', '=', p.kind)
      .where((is) => is('seen_at', '>', is(is.val(p.since), '-', is.ref('lifetime')))),
  );
  let notedAt = Number.NEGATIVE_INFINITY;

  async function write(tx: Tx, kind: Kind, lifetime: number): Promise<void> {
    const seen_at = clock.now();
    await tx.db
      .insertInto('token_lifetimes')
      .values({ kind, lifetime, seen_at })
      .onConflict((conflict) => conflict.columns(['kind', 'lifetime']).doUpdateSet({ seen_at }))
      .execute();
  }

  async function writeAll(tx: Tx): Promise<void> {
    await write(tx, 'access', policy.accessTokenLifetime);
    if (policy.acceptSessionlessTokens) await write(tx, 'sessionless', SESSIONLESS_MS);
    notedAt = clock.now();
  }

  /** The longest lifetime of tokens that servers issue or have issued recently. */
  async function longest(tx: Tx, kind: Kind): Promise<number | undefined> {
    const row = await longestOf.within(tx, { kind, since: clock.now() - COUNTS_FOR_MS });
    return row?.lifetime ?? undefined;
  }

  return {
    /** Records the settings before this server issues its first token. */
    note: (): Promise<void> => database.transaction(writeAll),

    /** Records them again every hour, by the janitor. */
    async renew(tx: Tx, now: number): Promise<number> {
      if (now - notedAt >= NOTE_EVERY_MS) await writeAll(tx);
      return 0;
    },

    /** Milliseconds for which an access token issued now, by any server, must be remembered. */
    access: async (tx: Tx): Promise<number> =>
      MARGIN_MS + ((await longest(tx, 'access')) ?? policy.accessTokenLifetime),

    /** The same for tokens without a session; `undefined` while no server accepts them. */
    sessionless: (tx: Tx): Promise<number | undefined> => longest(tx, 'sessionless'),
  };
}
