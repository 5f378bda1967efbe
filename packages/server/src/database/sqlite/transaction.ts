import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Transaction, Tx } from '../database.ts';
import type { Db } from '../schema.ts';
import { isBusy } from './faults.ts';

type Job = {
  readonly work: (tx: Tx) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
};
type Outcome = { readonly value: unknown } | { readonly error: unknown };

type Options = {
  readonly beforeCommit?: (() => void) | undefined;
  readonly afterCommit?: () => void;
};

const MAX_BATCH = 256;
const BUSY_DEADLINE_MS = 5000;
const BUSY_RETRY_MS = 10;

/**
 * Transactions that share one durable commit: what arrives while the disk is busy is committed
 * together, so that writes cost a fraction of an fsync each. Every job has a savepoint of its own
 * (one that fails takes nobody along), and nobody is answered before the commit of all.
 *
 * A job may await statements of its `tx` only: while it runs, no other process can write.
 *
 * @param options.beforeCommit for fault injection: throwing makes the whole batch fail as a commit would
 * @param options.afterCommit called when the commit is durable and before anybody is answered
 */
export function createGroupCommit(
  sqlite: DatabaseSync,
  db: Db,
  { beforeCommit = () => {}, afterCommit = () => {} }: Options = {},
): Transaction {
  const tx: Tx = { db };
  let queue: Job[] = [];
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    // After this turn's input: every request that came with it can join the batch.
    setImmediate(async () => {
      const batch = queue.slice(0, MAX_BATCH);
      queue = queue.slice(MAX_BATCH);
      await commit(batch);
      isScheduled = false;
      if (queue.length > 0) schedule();
    });
  }

  async function commit(batch: readonly Job[]): Promise<void> {
    const outcomes: Outcome[] = [];
    try {
      await takeWriteLock(sqlite);
      for (const job of batch) outcomes.push(await attempt(job));
      beforeCommit();
      sqlite.exec('COMMIT');
      afterCommit();
    } catch (error) {
      rollBack(sqlite);
      for (const job of batch) job.reject(error);
      return;
    }
    batch.forEach((job, i) => {
      const outcome = outcomes[i];
      if (outcome && 'value' in outcome) job.resolve(outcome.value);
      else job.reject(outcome?.error);
    });
  }

  async function attempt({ work }: Job): Promise<Outcome> {
    sqlite.exec('SAVEPOINT job');
    try {
      const value = await work(tx);
      sqlite.exec('RELEASE job');
      return { value };
    } catch (error) {
      sqlite.exec('ROLLBACK TO job; RELEASE job');
      return { error };
    }
  }

  return <T>(work: (tx: Tx) => Promise<T>) =>
    new Promise<T>((resolve, reject) => {
      queue.push({ work, resolve: resolve as (value: unknown) => void, reject });
      schedule();
    });
}

/**
 * Takes the write lock. While another process has it, this one goes on answering: SQLite's own
 * waiting would stop the whole event loop.
 */
export async function takeWriteLock(sqlite: DatabaseSync): Promise<void> {
  const deadline = performance.now() + BUSY_DEADLINE_MS;
  for (;;) {
    try {
      sqlite.exec('BEGIN IMMEDIATE');
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
    }
    await sleep(BUSY_RETRY_MS * (0.5 + Math.random()));
  }
}

function rollBack(sqlite: DatabaseSync): void {
  try {
    if (sqlite.isTransaction) sqlite.exec('ROLLBACK');
  } catch {
    // The database has gone altogether; those who wait are told by what made us come here.
  }
}
