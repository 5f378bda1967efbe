/**
 * Mail that must not be lost: a row that is written in the transaction of its cause, and sent by any
 * process that serves (delivery.ts). Owns the table `outbox`, its leases and retries. Does not own what
 * a mail says or how it travels (mail/). Imported by users/, recovery/, services.ts and the CLI.
 */
import { type Clock, systemTimers, type Timers } from '../clock.ts';
import type { Tx } from '../database/database.ts';
import type { NewMail, OutboxStore } from './store.ts';

export type Outbox = ReturnType<typeof createOutbox>;

/** The sources of the pause before a look at the table; default: the system's. */
type Chance = { readonly timers?: Timers | undefined; readonly random?: () => number };

// Making a mail at once would slow the next request down, which reveals that the last one caused a mail.
const PAUSE_MS = { least: 50, more: 200 };

export function createOutbox(
  store: OutboxStore,
  clock: Clock,
  { timers = systemTimers, random = Math.random }: Chance = {},
) {
  const listeners = new Set<() => void>();
  let isWaking = false;
  return {
    /** Queues a mail in the transaction of its cause. Call `wake` after the commit. */
    enqueue: (tx: Tx, mail: NewMail): Promise<void> => store.insert(tx, mail, clock.now()),

    /** Makes this process look at the table in a moment; other processes find the row when they poll. */
    wake(): void {
      if (isWaking) return;
      isWaking = true;
      timers.after(PAUSE_MS.least + random() * PAUSE_MS.more, () => {
        isWaking = false;
        for (const listener of listeners) listener();
      });
    },

    onWake(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
