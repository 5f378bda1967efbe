import type { Report, Topic } from '../database.ts';
import { disconnect, isPooled } from './connection.ts';
import type { Client } from './driver.ts';
import { ConnectionLostError, translate } from './faults.ts';

const RECONNECT_MS = 500;
/** The pause after LISTEN is refused: a standby may become the primary. */
const REFUSED_MS = 30_000;

export const channelOf = (topic: Topic): string => `gatepass_${topic}`;

/**
 * LISTEN on a separate connection, opened by the first subscription and reopened when it is lost.
 * After each connect all subscribers are called, because they may have missed something. There is no
 * listener behind a pooler, which would give the listening session to another client.
 */
export function createListener(connect: () => Promise<Client>, report: Report = () => {}) {
  const listeners = new Map<() => unknown, Topic>();
  let connection: Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isWanted = false;
  let isRefused = false;

  const call = (topic: Topic): void => {
    for (const [listener, about] of listeners) if (about === topic) listener();
  };

  /** One after another: at the same time, each would open a connection of the pool at a start. */
  async function callAll(): Promise<void> {
    for (const listener of listeners.keys()) await listener();
  }

  async function listen(): Promise<void> {
    const client = await connect();
    if (isPooled(client) || !isWanted) return disconnect(client);
    client.on('notification', ({ channel }) => {
      for (const topic of TOPICS) if (channelOf(topic) === channel) call(topic);
    });
    client.once('end', () => {
      if (connection !== client) return;
      connection = undefined;
      reconnect();
    });
    try {
      await client.query(TOPICS.map((topic) => `listen ${channelOf(topic)}`).join('; '));
    } catch (error) {
      await disconnect(client);
      const fault = translate(error);
      if (fault instanceof ConnectionLostError) throw fault;
      return refused(fault);
    }
    isRefused = false;
    connection = client;
    if (!isWanted) return close();
    await callAll();
  }

  function refused({ message }: Error): void {
    if (!isRefused)
      report(
        'warn',
        `the database refuses to notify (${message}); it is asked four times a second`,
      );
    isRefused = true;
    reconnect(REFUSED_MS);
  }

  function reconnect(delay = RECONNECT_MS * (0.5 + Math.random())): void {
    if (!isWanted || timer) return;
    timer = setTimeout(() => {
      timer = undefined;
      if (isWanted) listen().catch(() => reconnect());
    }, delay);
    timer.unref();
  }

  async function close(): Promise<void> {
    isWanted = false;
    clearTimeout(timer);
    listeners.clear();
    const last = connection;
    connection = undefined;
    if (last) await disconnect(last);
  }

  return {
    subscribe(topic: Topic, listener: () => unknown): () => void {
      const own = () => listener();
      listeners.set(own, topic);
      if (!isWanted) {
        isWanted = true;
        reconnect(0);
      }
      return () => listeners.delete(own);
    },

    close,
  };
}

const TOPICS: readonly Topic[] = ['revocations', 'keys'];
