/**
 * The planted bug of timing.ts, loaded before the server: without a stored hash nothing is hashed.
 * Modules that import the server's hasher get this one.
 */
import { registerHooks } from 'node:module';
import { createPasswordHasher as createReal } from '../packages/server/src/passwords/hasher.ts';

const HASHER = import.meta.resolve('../packages/server/src/passwords/hasher.ts');

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    return found.url === HASHER && context.parentURL !== import.meta.url
      ? { url: import.meta.url, shortCircuit: true }
      : found;
  },
});

export const createPasswordHasher: typeof createReal = (...args) => {
  const real = createReal(...args);
  return {
    ...real,
    verify: async (stored, ...rest) => stored !== undefined && real.verify(stored, ...rest),
  };
};
