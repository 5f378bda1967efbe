import { join } from 'node:path';

/** The files that are served; in a bundle, the folder beside its modules. */
export const FOLDER: string = join(import.meta.dirname, 'public');
