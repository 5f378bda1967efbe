/**
 * The planted bug of timing.ts, loaded before the server: without a stored hash nothing is hashed.
 * Modules that import the server's hasher get this one.
 */
import { registerHooks } from 'node:module';
import { createPasswordHasher as createReal } from '../packages/server/src/passwords/hasher.ts';

registerHooks({
  resolve: (specifier, context, next) =>
    specifier.endsWith('/passwords/hasher.ts') && context.parentURL !== import.meta.url
      ? { url: import.meta.url, shortCircuit: true }
      : next(specifier, context),
});

export const createPasswordHasher: typeof createReal = (...args) => {
  const real = createReal(...args);
  return {
    ...real,
    verify: async (stored, ...rest) => stored !== undefined && real.verify(stored, ...rest),
  };
};
