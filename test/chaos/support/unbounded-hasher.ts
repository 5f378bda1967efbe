/** I9's planted bug: unbounded hashing in libuv's pool. */
import { hash, verify } from '@node-rs/argon2';
import type { PasswordHasher } from '../../../packages/server/src/passwords/hasher.ts';

const NOTHING = { slots: 4, running: 0, waiting: 0, started: 0 };
const REJECTED = { full: 0, timeout: 0, displaced: 0, cancelled: 0 };

export function createPasswordHasher(): PasswordHasher {
  return {
    hash: (password) => hash(password),
    verify: async (stored, forms) => {
      for (const form of stored ? forms : []) if (await verify(stored ?? '', form)) return true;
      return false;
    },
    renew: async () => undefined,
    assertCapacity: () => {},
    stats: () => ({ ...NOTHING, rejected: { ...REJECTED } }),
    close: async () => {},
  };
}
