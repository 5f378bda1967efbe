import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Transaction, Tx } from '../database.ts';
import { DatabaseUnavailableError } from '../faults.ts';
import type { Db } from '../tables/schema.ts';
import { isBusy } from './faults.ts';

type Job = {
  readonly queuedAt: number;
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
// At a thousand writes a second this is a backlog of seconds; later writes would wait in vain.
const MAX_QUEUED = 4096;
/** How long a job waits for the write lock of another process, from when it was queued. */
const BUSY_DEADLINE_MS = 5000;
const BUSY_RETRY_MS = 10;

/**
 * Transactions that share one durable commit: jobs that arrive while the disk is busy are committed
 * together, so a write costs a fraction of an fsync. Every job has its own savepoint, so a failure
 * does not affect the others, and no job gets its result before the common commit.
 *
 * A job may await statements of its `tx` only: while it runs, no other process can write.
 *
 * @param options.beforeCommit for fault injection: throwing makes the whole batch fail like a
 *   failed commit
 * @param options.afterCommit called when the commit is durable and before any job resolves
 */
export function createGroupCommit(
  sqlite: DatabaseSync,
  db: Db,
  { beforeCommit = () => {}, afterCommit = () => {} }: Options = {},
): Transaction {
  const tx: Tx = { db };
  const queue: Job[] = [];
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    // After this turn's input, so that every request that came with it can join the batch.
    setImmediate(async () => {
      await commit();
      isScheduled = false;
      if (queue.length > 0) schedule();
    });
  }

  async function commit(): Promise<void> {
    try {
      if (!(await takeLock())) return;
    } catch (error) {
      for (const job of queue.splice(0)) job.reject(error);
      return;
    }
    const batch = queue.splice(0, MAX_BATCH);
    const outcomes: Outcome[] = [];
    try {
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

  /**
   * While another process has the lock, each job fails when its own deadline passes.
   *
   * @returns whether there is a job left to do
   */
  async function takeLock(): Promise<boolean> {
    while (queue.length > 0) {
      try {
        sqlite.exec('BEGIN IMMEDIATE');
        return true;
      } catch (error) {
        if (!isBusy(error)) throw error;
        const limit = performance.now() - BUSY_DEADLINE_MS;
        while (queue[0] && queue[0].queuedAt < limit) queue.shift()?.reject(error);
      }
      await pause();
    }
    return false;
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
      if (queue.length >= MAX_QUEUED) {
        reject(new DatabaseUnavailableError('too many writes wait for the disk'));
        return;
      }
      const queuedAt = performance.now();
      queue.push({ queuedAt, work, resolve: resolve as (value: unknown) => void, reject });
      schedule();
    });
}

const pause = () => sleep(BUSY_RETRY_MS * (0.5 + Math.random()));

/**
 * Takes the write lock. While another process has it, this process keeps responding: SQLite's own
 * wait would block the whole event loop.
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
    await pause();
  }
}

function rollBack(sqlite: DatabaseSync): void {
  try {
    if (sqlite.isTransaction) sqlite.exec('ROLLBACK');
  } catch {
    // The database is gone; waiting jobs fail with the error that led here.
  }
}
