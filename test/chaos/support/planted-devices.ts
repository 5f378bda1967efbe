/** Loaded before the server: to it a device that an account has logged in from is like any other. */
import { registerHooks } from 'node:module';

const PLANTED = new URL('./unknown-devices.ts', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier.endsWith('/known-device.ts') && context.parentURL !== PLANTED
      ? { url: PLANTED, shortCircuit: true }
      : next(specifier, context),
});
