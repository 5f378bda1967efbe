/** The files of the API page: Swagger UI's, from its package, and two of our own. Compressed once. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { SCRIPT, STYLE } from './page.ts';

const compress = promisify(gzip);

export type Asset = {
  readonly type: string;
  /** Changes with the content, so that a browser may keep the file for good. */
  readonly version: string;
  readonly plain: Buffer;
  readonly gzipped: Buffer;
};

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  png: 'image/png',
};

/** Where a file's bytes are; no other name can be asked for. */
const SOURCES: ReadonlyMap<string, () => Promise<Buffer>> = new Map([
  ...['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'].map(
    (name) => [name, () => readFile(locationOf(name))] as const,
  ),
  ['index.css', async () => Buffer.from(STYLE)],
  ['index.js', async () => Buffer.from(SCRIPT)],
]);

function locationOf(name: string): string {
  return fileURLToPath(import.meta.resolve(`@fastify/swagger-ui/static/${name}`));
}

/** Reads, compresses and keeps files when they are first asked for. */
export function createAssets() {
  const loaded = new Map<string, Promise<Asset>>();
  /** `undefined` = there is none. */
  function get(name: string): Promise<Asset> | undefined {
    const read = SOURCES.get(name);
    if (!read) return undefined;
    const asset = loaded.get(name) ?? load(name, read);
    loaded.set(name, asset);
    return asset;
  }
  return {
    get,
    /** Of every file, by its name. */
    async versions(): Promise<ReadonlyMap<string, string>> {
      const names = [...SOURCES.keys()];
      return new Map(
        await Promise.all(
          names.map(async (name) => [name, (await get(name))?.version ?? ''] as const),
        ),
      );
    },
  };
}

async function load(name: string, read: () => Promise<Buffer>): Promise<Asset> {
  const plain = await read();
  return {
    type: TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
    version: createHash('sha256').update(plain).digest('base64url').slice(0, 16),
    plain,
    gzipped: await compress(plain, { level: 9 }),
  };
}
