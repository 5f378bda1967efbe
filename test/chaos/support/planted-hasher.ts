/** Loaded before the server, whose modules then import the planted hasher. */
import { replaceModule } from '../../support/replace-module.ts';

replaceModule('/passwords/hasher.ts', new URL('./unbounded-hasher.ts', import.meta.url).href);
