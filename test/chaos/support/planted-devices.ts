/** Loaded before the server, which then treats a known device of an account like any other. */
import { replaceModule } from '../../support/replace-module.ts';

replaceModule('/known-device.ts', new URL('./unknown-devices.ts', import.meta.url).href);
