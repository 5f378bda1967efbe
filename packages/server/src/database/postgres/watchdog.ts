import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';

// After a statement that takes longer, the server is probed.
const SUSPICIOUS_MS = 600;
/** The pause before a silent server is tried again. */
const REST_MS = 500;

/**
 * Detects a server that keeps connections open without responding (frozen or cut off silently): its
 * own timeouts are frozen with it, and TCP waits for minutes. If a connection has been in use for
 * suspiciously long, a new connection gets no response either, and no other statement has finished
 * meanwhile, all connections of that age are closed, so every waiting statement fails at once.
 *
 * @param probe whether the server responds on a new connection
 */
export function watch(pool: Pool, probe: () => Promise<boolean>) {
  const since = new Map<PoolClient, number>();
  let timer: NodeJS.Timeout | undefined;
  let restUntil = 0;
  let answeredAt = 0;

  pool.on('acquire', (client) => {
    since.set(client, performance.now());
    schedule();
  });
  pool.on('release', (_error, client) => {
    since.delete(client);
    answeredAt = performance.now();
  });
  pool.on('remove', (client) => since.delete(client));

  function schedule(): void {
    if (timer || since.size === 0) return;
    timer = setTimeout(look, SUSPICIOUS_MS);
    timer.unref();
  }

  async function look(): Promise<void> {
    const askedAt = performance.now();
    if (suspects().length > 0 && !(await hears()) && answeredAt < askedAt) {
      restUntil = performance.now() + REST_MS;
      // While a statement runs, this closes the socket at once.
      for (const client of suspects()) endQuietly(client);
    }
    timer = undefined;
    schedule();
  }

  async function hears(): Promise<boolean> {
    if (await probe()) return true;
    // If this process was too busy to listen, the responses have arrived and are read now.
    await nextTurn();
    await nextTurn();
    return false;
  }

  function suspects(): PoolClient[] {
    const limit = performance.now() - SUSPICIOUS_MS;
    return [...since].flatMap(([client, at]) => (at < limit ? [client] : []));
  }

  /** Whether the server was found silent just now. */
  return { isSilent: (): boolean => performance.now() < restUntil };
}

function endQuietly(client: PoolClient): void {
  // A client of the pool has `end`, although its type lacks it.
  if ('end' in client && typeof client.end === 'function')
    Promise.resolve(client.end()).catch(() => {});
}
