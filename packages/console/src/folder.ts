import { join } from 'node:path';

/** Everything that is served; bundled, it is beside the bundle's modules. */
export const FOLDER: string = join(import.meta.dirname, 'public');
