/**
 * Takes expired sessions, revocations and what others hand in away in small batches, so that the tables stay as large as
 * what is alive and no statement holds the write lock for long. Several processes may do it at once.
 */
import type { Clock } from '../clock.ts';
import type { Transaction, Tx } from '../database/group-commit.ts';
import type { RevocationStore } from './revocation-store.ts';
import { REVOCATION_LIFETIME_MS } from './sessions.ts';
import type { SessionStore } from './store.ts';

const EVERY_MS = 60_000;
const BATCH = 500;
const PAUSE_MS = 50;

type Deps = {
  sessions: SessionStore;
  revocations: RevocationStore;
  /** Of other features: deletes up to `limit` rows that are no longer wanted; returns how many. */
  others?: readonly ((tx: Tx, now: number, limit: number) => Promise<number>)[];
  transaction: Transaction;
  clock: Clock;
  onError: (error: unknown) => void;
};

export function createJanitor(deps: Deps) {
  const { sessions, revocations, others = [], transaction, clock, onError } = deps;
  let timer: NodeJS.Timeout | undefined;
  let isWorking = false;

  /** One batch of each table; returns how many rows left. */
  const sweep = (): Promise<number> =>
    transaction(async (tx) => {
      const now = clock.now();
      // A session may be ended as long as an access token of it may live.
      const gone = await sessions.purge(tx, now - REVOCATION_LIFETIME_MS, BATCH);
      let sum = gone + (await revocations.purge(tx, now, BATCH));
      for (const purge of others) sum += await purge(tx, now, BATCH);
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
    timer = setTimeout(() => round().then(schedule), delay);
    timer.unref();
  };

  return {
    sweep,
    start(): void {
      isWorking = true;
      schedule(EVERY_MS * Math.random());
    },
    stop(): void {
      isWorking = false;
      clearTimeout(timer);
    },
  };
}
