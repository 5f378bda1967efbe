/** Loaded before the server, which then treats a known device of an account like any other. */
import { registerHooks } from 'node:module';

const PLANTED = new URL('./unknown-devices.ts', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier.endsWith('/known-device.ts') && context.parentURL !== PLANTED
      ? { url: PLANTED, shortCircuit: true }
      : next(specifier, context),
});
