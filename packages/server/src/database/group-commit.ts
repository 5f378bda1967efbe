import type { DatabaseSync } from 'node:sqlite';
import type { Db } from './schema.ts';

/** A unit of work on the write connection; `db` must not be used after the work has ended. */
export type Tx = { readonly db: Db };

export type Transaction = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;

type Job = {
  readonly work: (tx: Tx) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
};
type Outcome = { readonly value: unknown } | { readonly error: unknown };

const MAX_BATCH = 256;

/**
 * Transactions that share one durable commit: what arrives while the disk is busy is committed
 * together, so that writes cost a fraction of an fsync each. Every job has a savepoint of its own
 * (one that fails takes nobody along), and nobody is answered before the commit of all.
 *
 * A job may await statements of its `tx` only: while it runs, no other process can write.
 *
 * @param beforeCommit for fault injection: throwing makes the whole batch fail as a commit would
 */
export function createGroupCommit(
  sqlite: DatabaseSync,
  db: Db,
  beforeCommit: () => void = () => {},
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
      sqlite.exec('BEGIN IMMEDIATE');
      for (const job of batch) outcomes.push(await attempt(job));
      beforeCommit();
      sqlite.exec('COMMIT');
    } catch (error) {
      if (sqlite.isTransaction) sqlite.exec('ROLLBACK');
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
