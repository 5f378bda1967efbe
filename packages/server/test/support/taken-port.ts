import { once } from 'node:events';
import { createServer } from 'node:net';
import type { TestContext } from 'node:test';

/** A port on which another program listens until the test ends. */
export async function takenPort(t: Pick<TestContext, 'after'>): Promise<string> {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.after(() => other.close());
  const address = other.address();
  return String(typeof address === 'object' ? address?.port : 0);
}
