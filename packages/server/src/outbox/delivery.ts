/**
 * Sends the mails of the outbox, beside requests. A mail is sent at least once: when a process dies
 * between the server's 250 and the commit, its lease runs out and the mail is sent again, with the same
 * bytes and the same Message-ID.
 */
import { type Clock, systemTimers, type Timers } from '../clock.ts';
import type { Transaction } from '../database/database.ts';
import { createGathering } from './gathering.ts';
import { pauseAfter } from './retry.ts';
import type { Sender } from './rounds.ts';
import type { OutboxStore, QueuedMail } from './store.ts';

// How long the mails of a killed process wait. A live process extends its leases in time, so nodes do
// not collide while their clocks differ by less than LEASE_MS - EXTEND_MS.
const LEASE_MS = 60_000;
// Mails stay leased for as long as a slow mail server takes.
const EXTEND_MS = 20_000;
const BATCH = 100;
const AT_ONCE = 10;
// A mail costs 1.8 ms of processor time. This pace of each of AT_ONCE senders leaves the requests their
// share, even with a full queue.
const MAIL_EVERY_MS = 33;
// Sent mails are removed in groups, because a commit blocks the event loop for as long as the disk takes.
const REMOVED_AT_ONCE = 10;
const ERROR_LENGTH = 200;
// Part of the 10 s that a shutdown may take.
const STOP_MS = 3000;

/** Counts attempts to send, for metrics. */
export type MailObserver = { readonly sent: () => void; readonly failed: () => void };

type Deps<Message> = {
  readonly store: OutboxStore;
  readonly transaction: Transaction;
  readonly clock: Clock;
  readonly timers?: Timers | undefined;
  /**
   * Looks up what a row's mail says, and stores it. The result composes the message, with the same
   * bytes each time. `undefined` = no account wants the mail.
   */
  readonly render: (mail: QueuedMail) => Promise<(() => Promise<Message>) | undefined>;
  /** Resolves when the server has accepted the message. */
  readonly send: (message: Message) => Promise<void>;
  /** Called when a mail could not be sent now, or is given up. */
  readonly onFailure: (mail: QueuedMail, error: string, isGivenUp: boolean) => void;
  readonly onSent?: ((mail: QueuedMail) => void) | undefined;
  /** Called when the table cannot be read or written. The delivery tries again. */
  readonly onError: (error: unknown) => void;
};

export function createDelivery<Message>(deps: Deps<Message>): Sender {
  const { store, transaction, clock, render, send, onFailure, onSent, onError } = deps;
  const { timers = systemTimers } = deps;
  let isStopping = false;
  let delivering: Promise<void> = Promise.resolve();

  /** Begins the lookup of a mail. Lookups that begin together share a commit. */
  function prepare(mail: QueuedMail) {
    const isLate = clock.now() >= mail.expiresAt;
    const composing = isLate
      ? Promise.reject(new Error(mail.lastError ?? 'it could not be sent in time'))
      : render(mail);
    // `deliver` awaits it later; if it fails before, the rejection must not count as unhandled.
    composing.catch(() => {});
    return { mail, composing };
  }

  /** Sends one mail, or postpones it, or gives it up. @returns whether its row can be deleted */
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

  /** Extends the leases of these mails until the returned function is called. */
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

  /** Leases and sends a batch of due mails. @returns whether the batch was full, so that more may wait */
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
      // The senders start one after the other, so that they do not all send at the same moment.
      if (batch.length > AT_ONCE) await pause((number * MAIL_EVERY_MS) / AT_ONCE);
      for (let prepared = next(); prepared; prepared = next()) {
        const startedAt = timers.elapsed();
        const { id } = prepared.mail;
        // If the failure cannot be stored, the mail is due again when its lease runs out.
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

/** The server's response or another cause, in one short line. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, ' ').slice(0, ERROR_LENGTH);
}
