import type { Client } from 'pg';
import type { Topic } from '../database.ts';

const RECONNECT_MS = 500;

export const channelOf = (topic: Topic): string => `gatepass_${topic}`;

/**
 * LISTEN on a connection of its own, made when the first one subscribes and made again whenever it
 * is lost. After each connecting everybody is called: something may have been missed.
 */
export function createListener(connect: () => Promise<Client>) {
  const listeners = new Map<() => void, Topic>();
  let connection: Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isWanted = false;

  const call = (topic?: Topic): void => {
    for (const [listener, about] of listeners)
      if (topic === undefined || about === topic) listener();
  };

  async function listen(): Promise<void> {
    const client = await connect();
    client.on('notification', ({ channel }) => {
      for (const topic of TOPICS) if (channelOf(topic) === channel) call(topic);
    });
    client.once('end', () => {
      if (connection === client) connection = undefined;
      reconnect();
    });
    for (const topic of TOPICS) await client.query(`listen ${channelOf(topic)}`);
    if (!isWanted) {
      await client.end();
      return;
    }
    connection = client;
    call();
  }

  function reconnect(delay = RECONNECT_MS * (0.5 + Math.random())): void {
    if (!isWanted || timer) return;
    timer = setTimeout(() => {
      timer = undefined;
      if (isWanted) listen().catch(() => reconnect());
    }, delay);
    timer.unref();
  }

  return {
    subscribe(topic: Topic, listener: () => void): () => void {
      const own = () => listener();
      listeners.set(own, topic);
      if (!isWanted) {
        isWanted = true;
        reconnect(0);
      }
      return () => listeners.delete(own);
    },

    async close(): Promise<void> {
      isWanted = false;
      clearTimeout(timer);
      listeners.clear();
      await connection?.end();
    },
  };
}

const TOPICS: readonly Topic[] = ['revocations', 'keys'];
