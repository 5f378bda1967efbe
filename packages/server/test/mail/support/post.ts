/** Nodes that share an outbox and a clock, which the test advances. */
import type { TestContext } from 'node:test';
import type { Timers } from '../../../src/clock.ts';
import { openDatabase } from '../../../src/database/open.ts';
import { createDelivery } from '../../../src/outbox/delivery.ts';
import { createOutbox } from '../../../src/outbox/outbox.ts';
import { createOutboxStore, type QueuedMail } from '../../../src/outbox/store.ts';
import { newSharedDatabase } from '../../support/databases.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** The system's timers, which keep the process alive only here. */
const TIMERS: Timers = {
  elapsed: () => performance.now(),
  after(milliseconds, work) {
    const timer = setTimeout(work, milliseconds);
    return () => clearTimeout(timer);
  },
};

export type Send = (message: string) => Promise<void>;

export async function openPost(t: TestContext, beforeCommit?: () => void) {
  const url = await newSharedDatabase(t);
  let now = Date.UTC(2026, 0, 2);
  const clock = { now: () => now };

  /** A process of its own: another connection to the same database. */
  async function node(send: Send, timers = TIMERS) {
    const database = openDatabase(url, { beforeCommit });
    t.after(() => database.close());
    await database.migrate();
    const store = createOutboxStore(database);
    const outbox = createOutbox(store, clock);
    const failures: { recipient: string; isGivenUp: boolean }[] = [];
    const delivery = createDelivery<string>({
      store,
      transaction: database.transaction,
      clock,
      timers,
      render: async (mail) => async () => `${mail.recipient} ${mail.createdAt}`,
      send,
      onFailure: ({ recipient }, _error, isGivenUp) => failures.push({ recipient, isGivenUp }),
      onError: () => {},
    });
    const queue = (...recipients: string[]) =>
      database.transaction(async (tx) => {
        for (const recipient of recipients) await outbox.enqueue(tx, mailTo(recipient, now));
      });
    const waiting = async () => (await store.page(0, 1000)) as QueuedMail[];
    return { database, store, outbox, delivery, failures, queue, waiting };
  }

  return {
    node,
    advance(ms: number) {
      now += ms;
    },
  };
}

export const mailTo = (recipient: string, now: number) =>
  ({
    template: 'test',
    recipient,
    language: 'en',
    params: {},
    expiresAt: now + 3 * HOUR,
  }) as const;
