/** A device of Alice's: a client with a wire to watch and a clock to turn. */
import type { TestContext } from 'node:test';
import { startService } from '../../../server/test/support/service.ts';
import { type ClientOptions, createClient } from '../../src/index.ts';
import { createWire } from './wire.ts';

export { PASSWORD } from '../../../server/test/support/service.ts';
export const EMAIL = 'alice@example.com';

/** A service with Alice's account. */
export async function startWithAlice(t: TestContext, variables: Record<string, string> = {}) {
  const service = await startService(t, variables);
  await service.register();
  return service;
}

/** @param now where the device's clock is not the service's */
export function createDevice(
  t: TestContext,
  service: { url: string; clock: { now: () => number } },
  options: Partial<ClientOptions> = {},
) {
  const wire = createWire();
  const client = createClient({
    url: service.url,
    fetch: wire.fetch,
    now: service.clock.now,
    ...options,
  });
  t.after(client.close);
  const changes: string[] = [];
  client.onChange((_isLoggedIn, reason) => changes.push(reason));
  return { client, wire, changes };
}

/** A storage to look into. */
export function createShelf() {
  const entries = new Map<string, string>();
  return {
    get: (key: string) => entries.get(key),
    set: (key: string, value: string) => void entries.set(key, value),
    remove: (key: string) => void entries.delete(key),
    entries,
    tokens: () => JSON.parse([...entries.values()][0] ?? '{}') as Record<string, string>,
  };
}
