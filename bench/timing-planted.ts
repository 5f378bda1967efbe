/**
 * The planted bug of timing.ts, loaded before the server: without a stored hash nothing is hashed.
 * Modules that import the server's hasher get this one.
 */
import { createPasswordHasher as createReal } from '../packages/server/src/passwords/hasher.ts';
import { replaceModule } from '../test/support/replace-module.ts';

replaceModule('/passwords/hasher.ts', import.meta.url);

export const createPasswordHasher: typeof createReal = (...args) => {
  const real = createReal(...args);
  return {
    ...real,
    verify: async (stored, ...rest) => stored !== undefined && real.verify(stored, ...rest),
  };
};
