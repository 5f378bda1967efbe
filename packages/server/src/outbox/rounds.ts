import { type Clock, systemTimers, type Timers } from '../clock.ts';
import type { BackgroundTask } from '../part.ts';
import { createFollower } from '../polling.ts';
import type { Outbox } from './outbox.ts';
import { createFailures, restAfter } from './retry.ts';
import type { OutboxStore } from './store.ts';

const POLL_MS = 1000;

/** Sends mail: delivery.ts, in this thread or in a thread of its own. */
export type Sender = {
  /** Sends the mails that are due. Not called again before it has resolved. */
  deliverDue(): Promise<void>;
  /** Waits a moment for mails in transit; the others become due for other processes. */
  stop(): Promise<void>;
};

type Deps = {
  readonly store: OutboxStore;
  readonly outbox: Outbox;
  readonly sender: Sender;
  readonly clock: Clock;
  readonly timers?: Timers | undefined;
  /** Spreads the retries of several processes; default: the system's. */
  readonly random?: () => number;
  /**
   * Called when the table cannot be read or no mail can be sent, which will be tried again. For the
   * same error in sequence only at the 1st, 2nd, 4th, 8th … failure.
   */
  readonly onError: (error: unknown, failures: number) => void;
  /** Called when the sender works again. */
  readonly onWorks: (failures: number) => void;
};

/** Looks for due mail each second, and when this process has queued some, and has it sent. */
export function createRounds(deps: Deps) {
  const { store, outbox, sender, clock, timers = systemTimers, random = Math.random } = deps;
  const { onError, onWorks } = deps;
  const reading = createFailures(onError);
  const sending = createFailures(onError);
  let restsUntil = Number.NEGATIVE_INFINITY;

  /** A sender that cannot start would fail each second, so it rests longer each time. */
  async function deliver(): Promise<void> {
    try {
      await sender.deliverDue();
      const failures = sending.end();
      if (failures > 0) onWorks(failures);
    } catch (error) {
      restsUntil = timers.elapsed() + restAfter(sending.add(error), random);
    }
  }

  async function round(): Promise<void> {
    if (timers.elapsed() < restsUntil) return;
    try {
      // Most rounds find nothing, and a read does not wait for writers.
      const hasDue = await store.hasDue(clock.now());
      reading.end();
      if (hasDue) await deliver();
    } catch (error) {
      reading.add(error);
    }
  }
  const follower = createFollower(POLL_MS, round, outbox.onWake, timers);
  return {
    start: follower.start,
    async stop() {
      follower.stop();
      await sender.stop();
    },
  } satisfies BackgroundTask;
}
