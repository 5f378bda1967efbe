/** Loaded before the server, which then treats every /64 as a network that is in no wider one. */
import { replaceModule } from '../../support/replace-module.ts';

replaceModule('/network-address.ts', new URL('./narrow-networks.ts', import.meta.url).href);
