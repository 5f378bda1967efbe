import type { Clock, Timers } from '../clock.ts';
import type { BackgroundTask } from '../part.ts';
import { createFollower } from '../polling.ts';
import type { Outbox } from './outbox.ts';
import type { OutboxStore } from './store.ts';

const POLL_MS = 1000;

/** Sends mail: delivery.ts in this thread, or the same in a thread of its own. */
export type Sender = {
  /** Sends what is due; not called again before it has resolved. */
  deliverDue(): Promise<void>;
  /** Waits a moment for the mails that are on their way; the others are due for other processes. */
  stop(): Promise<void>;
};

type Deps = {
  readonly store: OutboxStore;
  readonly outbox: Outbox;
  readonly sender: Sender;
  readonly clock: Clock;
  readonly timers?: Timers | undefined;
  /** Told when the table cannot be read or mail cannot be sent at all; it is tried again. */
  readonly onError: (error: unknown) => void;
};

/** Looks for mail that is due, each second and when some was queued here, and has it sent. */
export function createRounds({ store, outbox, sender, clock, timers, onError }: Deps) {
  async function round(): Promise<void> {
    try {
      // Most rounds find nothing, and a read waits for no other write.
      if (await store.hasDue(clock.now())) await sender.deliverDue();
    } catch (error) {
      onError(error);
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
