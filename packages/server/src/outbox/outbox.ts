/**
 * Mail that must not be lost: a row in the transaction of its cause, sent by any process that
 * serves (delivery.ts). Owns the table `outbox`, its leases and retries; does not own what a mail
 * says or how it travels (mail/). Imported by users/, recovery/, services.ts and the CLI.
 */
import type { Clock } from '../clock.ts';
import type { Tx } from '../database/database.ts';
import type { NewMail, OutboxStore } from './store.ts';

export type Outbox = ReturnType<typeof createOutbox>;

export function createOutbox(store: OutboxStore, clock: Clock) {
  const listeners = new Set<() => void>();
  return {
    /** Queues a mail in the transaction of its cause. Call `wake` after the commit. */
    enqueue: (tx: Tx, mail: NewMail): Promise<void> => store.insert(tx, mail, clock.now()),

    /** This process looks at the table at once; others find the row when they poll. */
    wake(): void {
      for (const listener of listeners) listener();
    },

    onWake(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
