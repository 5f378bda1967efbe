/** For planted bugs: another module in place of one of the server's. Loaded before the server. */
import { registerHooks } from 'node:module';

/**
 * Modules that import `path` get `planted` instead; only `planted` itself can import the original.
 *
 * @param path how the URL of the original ends
 * @param planted URL of the replacement
 */
export function replaceModule(path: string, planted: string): void {
  registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context);
      return found.url.endsWith(path) && context.parentURL !== planted
        ? { ...found, url: planted }
        : found;
    },
  });
}
