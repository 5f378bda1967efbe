/** Loaded before the server: what imports its hasher gets the planted one. */
import { registerHooks } from 'node:module';

const PLANTED = new URL('./unbounded-hasher.ts', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier.endsWith('/passwords/hasher.ts') && context.parentURL !== PLANTED
      ? { url: PLANTED, shortCircuit: true }
      : next(specifier, context),
});
