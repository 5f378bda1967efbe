/** Loaded before the server: what imports its hasher gets the planted one. */
import { registerHooks } from 'node:module';

const PLANTED = new URL('./unbounded-hasher.ts', import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    return resolved.url.endsWith('/passwords/hasher.ts') && context.parentURL !== PLANTED
      ? { ...resolved, url: PLANTED }
      : resolved;
  },
});
