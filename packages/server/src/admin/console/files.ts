/** The files of the console: its own, as they are in its package, and Preact and htm as they are in theirs. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FOLDER } from '@gatepass/console';
import type { AssetSources } from '../../http/response/assets.ts';

const SERVED = /\.(?:js|css|svg)$/;

const LIBRARIES = {
  'vendor/preact.js': 'preact',
  'vendor/hooks.js': 'preact/hooks',
  'vendor/htm.js': 'htm',
} as const;

/** By their names below the console's folder. */
export async function readSources(): Promise<AssetSources> {
  const entries = await readdir(FOLDER, { recursive: true, withFileTypes: true });
  const own = entries
    .filter((entry) => entry.isFile() && SERVED.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [relative(FOLDER, path).split(sep).join('/'), () => readFile(path)] as const);
  const libraries = Object.entries(LIBRARIES).map(
    ([name, module]) => [name, () => readLibrary(module)] as const,
  );
  return new Map([...own.sort(([one], [other]) => (one < other ? -1 : 1)), ...libraries]);
}

/** Browsers find modules by address. Source maps are not served. */
async function readLibrary(module: string): Promise<Buffer> {
  const text = await readFile(fileURLToPath(import.meta.resolve(module)), 'utf8');
  const addressed = text.replace(/\bfrom\s*(["'])preact\1/g, 'from"./preact.js"');
  return Buffer.from(addressed.replace(/^\/\/# sourceMappingURL=.*$/m, ''));
}
