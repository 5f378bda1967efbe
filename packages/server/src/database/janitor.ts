/**
 * Deletes expired rows in small batches, so that tables hold little but live rows and no statement
 * holds the write lock for long. Features register their own purges. Several processes may sweep at
 * once.
 */
import { type Clock, createPatientClock, systemTimers, type Timers } from '../clock.ts';
import type { Transaction, Tx } from './database.ts';

const EVERY_MS = 60_000;
const BATCH = 500;
const PAUSE_MS = 50;

/** Deletes up to `limit` rows that are no longer wanted, within `tx`; returns how many. */
export type Purge = (tx: Tx, now: number, limit: number) => Promise<number>;

type Deps = {
  purges: readonly Purge[];
  transaction: Transaction;
  clock: Clock;
  onError: (error: unknown) => void;
  timers?: Timers | undefined;
};

export function createJanitor(deps: Deps) {
  const { purges, transaction, clock, onError, timers = systemTimers } = deps;
  // Otherwise a clock that is ahead for a minute would delete rows that are still needed.
  const patient = createPatientClock(clock, timers);
  let cancel = () => {};
  let isWorking = false;

  /** Deletes one batch of each table; returns how many rows. */
  const sweep = (): Promise<number> =>
    transaction(async (tx) => {
      const now = patient.now();
      let sum = 0;
      for (const purge of purges) sum += await purge(tx, now, BATCH);
      return sum;
    });

  async function round(): Promise<number> {
    const gone = await sweep().catch((error) => {
      onError(error);
      return 0;
    });
    return gone >= BATCH ? PAUSE_MS : EVERY_MS * (0.5 + Math.random());
  }

  const schedule = (delay: number): void => {
    if (!isWorking) return;
    cancel = timers.after(delay, () => round().then(schedule));
  };

  return {
    sweep,
    start(): void {
      isWorking = true;
      schedule(EVERY_MS * Math.random());
    },
    stop(): void {
      isWorking = false;
      cancel();
    },
  };
}
