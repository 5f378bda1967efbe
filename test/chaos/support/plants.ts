/**
 * The planted bugs: databases that break one promise of the real one. They show that each experiment
 * can fail. None of them is in the product.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KyselyPlugin } from 'kysely';
import type { Transaction, Tx } from '../../../packages/server/src/database/database.ts';
import type { OpenDatabase } from '../../../packages/server/src/database/open.ts';
import { featurePlants } from './feature-plants.ts';
import { rotationPlants } from './rotation-plants.ts';

const ANSWER_AHEAD_MS = 500;
const FLUSH_AFTER_MS = 500;
const CACHE_MS = 60_000;

type Prepare = OpenDatabase['prepare'];

/** I1: transactions resolve when the work is done; the commit comes a moment later. */
function answerBeforeCommit(database: OpenDatabase): OpenDatabase {
  let waiting: ((tx: Tx) => Promise<void>)[] = [];
  let isOpen = false;
  const keepOpen = async (tx: Tx) => {
    const until = performance.now() + ANSWER_AHEAD_MS;
    while (performance.now() < until) {
      const jobs = waiting;
      waiting = [];
      for (const job of jobs) await job(tx);
      await sleep(2);
    }
  };
  const open = (): void => {
    if (isOpen) return;
    isOpen = true;
    // A commit that fails has already been acknowledged: that is the planted bug.
    database.transaction(keepOpen).then(close, close);
  };
  const close = (): void => {
    isOpen = false;
    if (waiting.length > 0) open();
  };
  return {
    ...database,
    transaction: (work) =>
      new Promise((resolve, reject) => {
        waiting.push((tx) => work(tx).then(resolve, reject));
        open();
      }),
  };
}

class Postponed extends Error {
  readonly value: unknown;
  constructor(value: unknown) {
    super('postponed');
    this.value = value;
  }
}

/** I2: an end of a session is known in memory at once and written half a second later. */
function endsInMemory(database: OpenDatabase): OpenDatabase {
  const newest = async ({ db }: Tx) => {
    const row = await db
      .selectFrom('revocations')
      .select((eb) => eb.fn.max('seq').as('seq'))
      .executeTakeFirst();
    return row?.seq ?? 0;
  };
  const transaction: Transaction = async (work) => {
    try {
      return await database.transaction(async (tx) => {
        const before = await newest(tx);
        const value = await work(tx);
        // Throwing rolls the work back, so that it remains in memory only.
        if ((await newest(tx)) > before) throw new Postponed(value);
        return value;
      });
    } catch (error) {
      if (!(error instanceof Postponed)) throw error;
      setTimeout(() => database.transaction(work), FLUSH_AFTER_MS);
      return error.value as Awaited<ReturnType<typeof work>>;
    }
  };
  return { ...database, transaction };
}

/** I4: the table has no UNIQUE (i4-one-account.ts), so the insert cannot rely on one either. */
function insertRegardless(database: OpenDatabase): OpenDatabase {
  const changed = new WeakSet<Tx>();
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      if (node.kind !== 'InsertQueryNode' || node.into?.table.identifier.name !== 'users')
        return node;
      const { onConflict: _dropped, ...rest } = node;
      return rest;
    },
    transformResult: async ({ result }) => result,
  };
  const transaction: Transaction = (work) =>
    database.transaction((tx) => {
      // Changed in place, because others know the transaction by its identity.
      if (!changed.has(tx)) Object.assign(tx, { db: tx.db.withPlugin(plugin) });
      changed.add(tx);
      return work(tx);
    });
  return { ...database, transaction };
}

/** I5: what was read of a session or an account is cached for a minute. */
function cachedForAMinute(database: OpenDatabase): OpenDatabase {
  const prepare: Prepare = (query) => {
    const statement = database.prepare<never>(query);
    if (!/ from "(?:sessions|users)"/.test(query.sql)) return statement;
    const known = new Map<string, { row: undefined; at: number }>();
    return {
      within: statement.within,
      async read(...values) {
        const key = JSON.stringify(values);
        const hit = known.get(key);
        if (hit && performance.now() - hit.at < CACHE_MS) return hit.row;
        const row = await statement.read(...values);
        known.set(key, { row: row as undefined, at: performance.now() });
        return row;
      },
    };
  };
  return { ...database, prepare };
}

/** I7: the bug is in the signal handler (planted-server.ts); the database is unchanged. */
const exitAtOnce = (database: OpenDatabase): OpenDatabase => database;

/** I6: an error of the database counts as "not found". */
function swallowErrors(database: OpenDatabase): OpenDatabase {
  const prepare: Prepare = (query) => {
    const statement = database.prepare<never>(query);
    return {
      within: statement.within,
      read: (...values) => statement.read(...values).catch(() => undefined),
    };
  };
  return { ...database, prepare };
}

/** I11: revocations are read once a minute. */
function seldomFollowed(database: OpenDatabase): OpenDatabase {
  const prepare: Prepare = (query) => {
    const statement = database.prepare<never>(query);
    if (!/max\("seq"\)/.test(query.sql)) return statement;
    let known: { row: undefined; at: number } | undefined;
    return {
      within: statement.within,
      async read(...values) {
        if (known && performance.now() - known.at < CACHE_MS) return known.row;
        known = { row: (await statement.read(...values)) as undefined, at: performance.now() };
        return known.row;
      },
    };
  };
  return { ...database, prepare };
}

export const plants = {
  I1: answerBeforeCommit,
  I2: endsInMemory,
  ...rotationPlants,
  I4: insertRegardless,
  I5: cachedForAMinute,
  I6: swallowErrors,
  I7: exitAtOnce,
  ...featurePlants,
  I11: seldomFollowed,
};

export type Plant = keyof typeof plants;
export const isPlant = (name: string | undefined): name is Plant =>
  name !== undefined && Object.hasOwn(plants, name);
