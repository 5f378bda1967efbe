/**
 * Sends what the outbox holds, beside requests. A mail is sent at least once: a process that dies
 * between the server's 250 and the commit leaves its lease to run out, and the copy that follows
 * has the same bytes and the same Message-ID.
 */
import { type Clock, systemTimers, type Timers } from '../clock.ts';
import type { Transaction } from '../database/database.ts';
import { createGathering } from './gathering.ts';
import { pauseAfter } from './retry.ts';
import type { Sender } from './rounds.ts';
import type { OutboxStore, QueuedMail } from './store.ts';

// How long the mails of a killed process wait; nodes whose clocks differ by less do not collide.
const LEASE_MS = 60_000;
// A slow server keeps its mails leased for as long as it takes.
const EXTEND_MS = 20_000;
const BATCH = 100;
const AT_ONCE = 10;
// A mail costs 1.8 ms of the processor: a full queue must leave requests their share of it.
const MAIL_EVERY_MS = 33;
// A commit holds the event loop for as long as the disk takes.
const REMOVED_AT_ONCE = 10;
const ERROR_LENGTH = 200;
// Of the 10 s that a stop may take.
const STOP_MS = 3000;

/** Counts attempts to send, for metrics. */
export type MailObserver = { readonly sent: () => void; readonly failed: () => void };

type Deps<Message> = {
  readonly store: OutboxStore;
  readonly transaction: Transaction;
  readonly clock: Clock;
  readonly timers?: Timers | undefined;
  /**
   * Looks up and writes down what a row's mail says; the result composes the message, the same each
   * time. `undefined` = no account wants it.
   */
  readonly render: (mail: QueuedMail) => Promise<(() => Promise<Message>) | undefined>;
  /** Resolves when the server has taken the message over. */
  readonly send: (message: Message) => Promise<void>;
  /** Told of a mail that could not be sent now, or is given up. */
  readonly onFailure: (mail: QueuedMail, error: string, isGivenUp: boolean) => void;
  readonly onSent?: ((mail: QueuedMail) => void) | undefined;
  /** Told when the table cannot be read or written; it is tried again. */
  readonly onError: (error: unknown) => void;
};

export function createDelivery<Message>(deps: Deps<Message>): Sender {
  const { store, transaction, clock, render, send, onFailure, onSent, onError } = deps;
  const { timers = systemTimers } = deps;
  let isStopping = false;
  let delivering: Promise<void> = Promise.resolve();

  /** The lookup of a mail begins: lookups that begin together share a commit. */
  function prepare(mail: QueuedMail) {
    const isLate = clock.now() >= mail.expiresAt;
    const composing = isLate
      ? Promise.reject(new Error(mail.lastError ?? 'it could not be sent in time'))
      : render(mail);
    // Looked at when its turn comes, which may be after it has failed.
    composing.catch(() => {});
    return { mail, composing };
  }

  /** Sends one mail. @returns whether its row can go; one that failed has been put off. */
  async function deliver({ mail, composing }: ReturnType<typeof prepare>): Promise<boolean> {
    try {
      const compose = await composing;
      if (compose) {
        await send(await compose());
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

  /** Keeps these mails from other processes until it is told to end. */
  function keepLeased(ids: ReadonlySet<number>): () => void {
    let cancel = () => {};
    const extend = async () => {
      const until = clock.now() + LEASE_MS;
      await transaction((tx) => store.extend(tx, [...ids], until)).catch(onError);
      if (ids.size > 0) wait();
    };
    const wait = () => {
      cancel = timers.after(EXTEND_MS, extend);
    };
    wait();
    return () => cancel();
  }

  /** Leases and sends what is due. @returns whether a full batch was found, so more may wait */
  async function deliverBatch(): Promise<boolean> {
    const now = clock.now();
    const batch = await transaction((tx) => store.lease(tx, now, now + LEASE_MS, BATCH));
    const queue = [...batch];
    const held = new Set(batch.map(({ id }) => id));
    const sent = createGathering(
      (ids) => transaction((tx) => store.remove(tx, ids)),
      REMOVED_AT_ONCE,
      onError,
    );
    const pause = (ms: number) =>
      new Promise<void>((resolve) => {
        if (ms > 0 && ready.length + queue.length > 0 && !isStopping) timers.after(ms, resolve);
        else resolve();
      });
    const work = async (number: number): Promise<void> => {
      // One after the other, so that they do not all come at the same moment.
      if (batch.length > AT_ONCE) await pause((number * MAIL_EVERY_MS) / AT_ONCE);
      for (let prepared = next(); prepared; prepared = next()) {
        const startedAt = timers.elapsed();
        const { id } = prepared.mail;
        // A row that could not be written keeps its lease, and comes again when that ends.
        const isDone = await deliver(prepared).catch(onError);
        held.delete(id);
        if (isDone) sent.add(id);
        await pause(MAIL_EVERY_MS - (timers.elapsed() - startedAt));
      }
    };
    const ready: ReturnType<typeof prepare>[] = [];
    const next = () => {
      if (isStopping) return undefined;
      if (ready.length === 0) ready.push(...queue.splice(0, AT_ONCE).map(prepare));
      return ready.shift();
    };
    const endLease = keepLeased(held);
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, queue.length) }, (_, number) => work(number)),
    );
    endLease();
    await sent.settled();
    const left = [...ready.map(({ mail }) => mail), ...queue];
    if (left.length > 0) {
      const ids = left.map(({ id }) => id);
      await transaction((tx) => store.release(tx, ids, clock.now()));
    }
    return batch.length === BATCH && !isStopping;
  }

  async function deliverAll(): Promise<void> {
    try {
      while (await deliverBatch());
    } catch (error) {
      onError(error);
    }
  }

  return {
    deliverDue(): Promise<void> {
      delivering = deliverAll();
      return delivering;
    },

    async stop(): Promise<void> {
      isStopping = true;
      await Promise.race([
        delivering,
        new Promise<void>((resolve) => timers.after(STOP_MS, resolve)),
      ]);
    },
  };
}

/** What the server said, in one line that names no token. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, ' ').slice(0, ERROR_LENGTH);
}
