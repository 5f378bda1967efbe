import type { Clock, Timers } from '../clock.ts';
import type { BackgroundTask } from '../part.ts';
import { createFollower } from '../polling.ts';
import type { Outbox } from './outbox.ts';
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
  /** Called when the table cannot be read or no mail can be sent. The next round tries again. */
  readonly onError: (error: unknown) => void;
};

/** Looks for due mail each second, and when this process has queued some, and has it sent. */
export function createRounds({ store, outbox, sender, clock, timers, onError }: Deps) {
  async function round(): Promise<void> {
    try {
      // Most rounds find nothing, and a read does not wait for writers.
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
