/** Loaded before the server, which then treats every /64 as a network that is in no wider one. */
import { registerHooks } from 'node:module';

const PLANTED = new URL('./narrow-networks.ts', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier.endsWith('/network-address.ts') && context.parentURL !== PLANTED
      ? { url: PLANTED, shortCircuit: true }
      : next(specifier, context),
});
