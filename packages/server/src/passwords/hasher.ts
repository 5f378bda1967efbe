/**
 * Password hashing: Argon2id on threads of its own, of a low priority, behind a bounded and
 * fair queue. Owns the cost parameters, the threads and the admission; knows nothing of users.
 * The comparison itself is hash-job.ts, with one file per scheme. Imported by users/ and app.ts.
 */
import { availableParallelism } from 'node:os';
import { systemTimers, type Timers } from '../clock.ts';
import type { Argon2Cost } from '../config/values.ts';
import { Refusal, unavailable } from '../errors.ts';
import { type AdmissionObserver, createAdmission } from './admission.ts';
import { isOfCost } from './argon2.ts';
import type { Lane, Requester } from './fair-queue.ts';
import type { Done, Job } from './hash-job.ts';
import { createHashThread, type HashThread } from './hash-thread.ts';
import { createPacing } from './pacing.ts';

export type PasswordHasher = {
  /** @returns a PHC string with a fresh 16-byte salt and a 32-byte tag */
  hash(password: string, requester: Requester): Promise<string>;
  /**
   * Compares in constant time with the forms a password may have been hashed in. `undefined` (no such user) and unreadable hashes cost one hash with
   * today's parameters and never match, so that they cannot be told from a wrong password.
   */
  verify(
    stored: string | undefined,
    forms: readonly string[],
    requester: Requester,
  ): Promise<boolean>;
  /** A new hash in place of an outdated one; `undefined` without capacity, because it can wait. */
  renew(stored: string, password: string, requester: Requester): Promise<string | undefined>;
  /** Refuses what would be refused now for want of capacity. @throws {Refusal} */
  assertCapacity(kind: 'compare' | 'create', requester: Requester): void;
  /** Running, queued and refused jobs; for metrics. */
  stats: ReturnType<typeof createAdmission>['stats'];
  /** Ends the threads, and refuses with 503 what waits for them now or is asked later. */
  close(): void;
};

type Options = {
  readonly cost: Argon2Cost;
  /** Called with hashes in the database that cannot be read. */
  readonly onUnreadable?: (error: unknown, requester: Requester) => void;
  /** Called when a thread has died; it is replaced. */
  readonly onThreadLost?: (error: unknown) => void;
  /** Processes that share this machine's cores; default 1. */
  readonly workers?: number;
  readonly observer?: AdmissionObserver | undefined;
  /** For tests: replaces a hashing thread. */
  readonly createThread?: (() => HashThread) | undefined;
  readonly timers?: Timers | undefined;
};

const QUEUE_LIMIT = 64;
const MAX_WAIT_MS = 1000;
/** The speed of Argon2 on a common core, until some hashes have been measured. */
const MS_PER_MIB_PASS = 0.45;

/** @throws {Refusal} `unavailable` from its methods when too many hashes are waiting */
export function createPasswordHasher({
  cost,
  onUnreadable = () => {},
  onThreadLost = () => {},
  workers = 1,
  observer,
  createThread = createHashThread,
  timers = systemTimers,
}: Options): PasswordHasher {
  const threads = Array.from({ length: hashesAtOnce(workers) }, () => ({
    ...createThread(),
    jobs: 0,
  }));
  const limits = {
    slots: threads.length,
    ahead: threads.length,
    queueLimit: QUEUE_LIMIT,
    maxWaitMs: MAX_WAIT_MS,
    expectedTaskMs: (cost.memoryKiB / 1024) * cost.passes * MS_PER_MIB_PASS,
  };
  const admission = createAdmission(limits, observer);
  const pacing = createPacing();
  let isClosed = false;

  /** When a thread dies, it is replaced and the job repeated once: another job may have killed it. */
  async function perform(job: Job): Promise<Done> {
    const thread = threads.reduce((least, each) => (each.jobs < least.jobs ? each : least));
    thread.jobs++;
    try {
      return await thread.run(job).catch((error) => {
        if (isClosed) throw error;
        onThreadLost(error);
        return thread.run(job);
      });
    } catch (error) {
      if (!isClosed) onThreadLost(error);
      throw unavailable();
    } finally {
      thread.jobs--;
    }
  }

  async function hashIn(lane: Lane, password: string, requester: Requester): Promise<string> {
    const job: Job = { kind: 'hash', password, cost };
    const done = await admission.run(lane, requester, () => perform(job));
    if (done.kind !== 'hash') throw new Error('a hashing thread returned something else');
    return done.hash;
  }

  return {
    hash: (password, requester) => hashIn('create', password, requester),

    async verify(stored, forms, requester) {
      const job: Job = { kind: 'verify', stored, forms, cost };
      const done = await admission.run(laneOf(requester), requester, () => perform(job));
      if (done.kind !== 'verify') throw new Error('a hashing thread returned something else');
      if (done.unreadable !== undefined) onUnreadable(new Error(done.unreadable), requester);
      pacing.compared(done.costs, done.ms);
      if (done.matches) return true;
      const rest = pacing.restOf(done.ms);
      if (rest > 0) await new Promise<void>((resolve) => timers.after(rest, resolve));
      return false;
    },

    async renew(stored, password, requester) {
      if (isOfCost(stored, cost)) return undefined;
      return hashIn(laneOf(requester), password, requester).catch((error) => {
        if (error instanceof Refusal) return undefined;
        throw error;
      });
    },

    assertCapacity: (kind, requester) =>
      admission.assertCapacity(kind === 'create' ? kind : laneOf(requester), requester),
    stats: admission.stats,
    close: () => {
      isClosed = true;
      for (const thread of threads) thread.stop();
    },
  };
}

/**
 * All cores, shared by the workers: on Linux the threads yield to requests.
 * Elsewhere one core less, so that verify has one. At least one hash per worker.
 */
function hashesAtOnce(workers: number): number {
  const cores = availableParallelism() - (process.platform === 'linux' ? 0 : 1);
  return Math.max(1, Math.floor(cores / workers));
}

const laneOf = ({ isKnown, isKnownDevice }: Requester): Lane =>
  isKnownDevice ? 'device' : isKnown ? 'known' : 'compare';
