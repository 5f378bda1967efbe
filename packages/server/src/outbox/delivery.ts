/**
 * Sends what the outbox holds, beside requests. A mail is sent at least once: a process that dies
 * between the server's 250 and the commit leaves its lease to run out, and the copy that follows
 * has the same bytes and the same Message-ID.
 */
import type { Clock } from '../clock.ts';
import type { Transaction } from '../database/database.ts';
import { createFollower } from '../polling.ts';
import type { Outbox } from './outbox.ts';
import { pauseAfter } from './retry.ts';
import type { OutboxStore, QueuedMail } from './store.ts';

const POLL_MS = 1000;
// As long as a slow server may take for a batch; nodes whose clocks differ by less do not collide.
const LEASE_MS = 120_000;
const BATCH = 100;
const AT_ONCE = 10;
const ERROR_LENGTH = 200;

type Deps<Message> = {
  readonly store: OutboxStore;
  readonly outbox: Outbox;
  readonly transaction: Transaction;
  readonly clock: Clock;
  /** The message of a row, the same each time; `undefined` = no account wants it. */
  readonly render: (mail: QueuedMail) => Promise<Message | undefined>;
  /** Resolves when the server has taken the message over. */
  readonly send: (message: Message) => Promise<void>;
  /** Told of a mail that could not be sent now, or is given up. */
  readonly onFailure: (mail: QueuedMail, error: string, isGivenUp: boolean) => void;
  readonly onSent?: ((mail: QueuedMail) => void) | undefined;
  /** Told when the table cannot be read or written; it is tried again. */
  readonly onError: (error: unknown) => void;
};

export function createDelivery<Message>(deps: Deps<Message>) {
  const { store, outbox, transaction, clock, render, send, onFailure, onSent, onError } = deps;

  /** Sends one mail. @returns whether its row can go; one that failed has been put off. */
  async function deliver(mail: QueuedMail): Promise<boolean> {
    try {
      const message = await render(mail);
      if (message) {
        await send(message);
        onSent?.(mail);
      }
      return true;
    } catch (error) {
      const text = reasonOf(error);
      const dueAt = clock.now() + pauseAfter(mail.attempts);
      const isGivenUp = dueAt >= mail.expiresAt;
      await transaction((tx) =>
        isGivenUp
          ? store.fail(tx, mail.id, clock.now(), text)
          : store.postpone(tx, mail.id, dueAt, text),
      );
      onFailure(mail, text, isGivenUp);
      return false;
    }
  }

  /** Leases and sends what is due. @returns whether a full batch was found, so more may wait */
  async function deliverBatch(): Promise<boolean> {
    const now = clock.now();
    const batch = await transaction((tx) => store.lease(tx, now, now + LEASE_MS, BATCH));
    const queue = [...batch];
    const gone: number[] = [];
    const work = async (): Promise<void> => {
      for (let mail = queue.shift(); mail; mail = queue.shift())
        if (await deliver(mail)) gone.push(mail.id);
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, queue.length) }, work));
    if (gone.length > 0) await transaction((tx) => store.remove(tx, gone));
    return batch.length === BATCH;
  }

  async function round(): Promise<void> {
    try {
      while (await deliverBatch());
    } catch (error) {
      onError(error);
    }
  }

  const follower = createFollower(POLL_MS, round, outbox.onWake);

  return { deliverDue: round, start: follower.start, stop: follower.stop };
}

/** What the server said, in one line that names no token. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, ' ').slice(0, ERROR_LENGTH);
}
