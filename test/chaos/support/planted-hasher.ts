/** Loaded before the server, whose modules then import the planted hasher. */
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
