/** The files of the API page: Swagger UI's, from its package, and two of our own. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { AssetSources } from '../response/assets.ts';
import { SCRIPT, STYLE } from './page.ts';

export const SOURCES: AssetSources = new Map([
  ...['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'].map(
    (name) => [name, () => readFile(locationOf(name))] as const,
  ),
  ['index.css', async () => Buffer.from(STYLE)],
  ['index.js', async () => Buffer.from(SCRIPT)],
]);

function locationOf(name: string): string {
  return fileURLToPath(import.meta.resolve(`@fastify/swagger-ui/static/${name}`));
}
