/**
 * Mail that must not be lost: a row in the transaction of its cause, sent by any process that
 * serves (delivery.ts). Owns the table `outbox`, its leases and retries; does not own what a mail
 * says or how it travels (mail/). Imported by users/, recovery/, services.ts and the CLI.
 */
import { type Clock, systemTimers, type Timers } from '../clock.ts';
import type { Tx } from '../database/database.ts';
import type { NewMail, OutboxStore } from './store.ts';

export type Outbox = ReturnType<typeof createOutbox>;

/** When mail is looked at; absent: the system's. */
type Chance = { readonly timers?: Timers | undefined; readonly random?: () => number };

// Mail that is made at once would slow the next request down, and tell that the last one had a mail.
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

    /** This process looks at the table in a moment; others find the row when they poll. */
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
