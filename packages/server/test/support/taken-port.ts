import { once } from 'node:events';
import { createServer } from 'node:net';
import type { TestContext } from 'node:test';
import { freePort } from './postgres.ts';

/** A port on which another program listens until the test ends. */
export async function takenPort(t: Pick<TestContext, 'after'>): Promise<string> {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.after(() => other.close());
  const address = other.address();
  return String(typeof address === 'object' ? address?.port : 0);
}

/**
 * A free port, and a listener on the one above it. Linux gives listeners odd ports and connections even
 * ones, so the port beside one that was given may belong to a connection of another test.
 */
export async function freePortBelowTaken(t: Pick<TestContext, 'after'>) {
  for (;;) {
    const port = await freePort();
    const next = createServer();
    try {
      await once(next.listen(port + 1, '127.0.0.1'), 'listening');
    } catch {
      continue;
    }
    t.after(() => next.close());
    return { port, next };
  }
}
