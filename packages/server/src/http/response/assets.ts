/** Files that a page loads: read, compressed and kept on the first request. */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';

const compress = promisify(gzip);

type Asset = {
  readonly type: string;
  /** Changes with the content, so that a browser may keep the file for good. */
  readonly version: string;
  readonly plain: Buffer;
  readonly gzipped: Buffer;
};

/** How to read each file, by name; other names do not exist. */
export type AssetSources = ReadonlyMap<string, () => Promise<Buffer>>;

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  png: 'image/png',
  svg: 'image/svg+xml',
};

export function createAssets(sources: AssetSources) {
  const loaded = new Map<string, Promise<Asset>>();
  /** `undefined` = there is none. */
  function get(name: string): Promise<Asset> | undefined {
    const read = sources.get(name);
    if (!read) return undefined;
    const asset = loaded.get(name) ?? load(name, read);
    loaded.set(name, asset);
    return asset;
  }
  return {
    get,
    /** The version of every file, by name. */
    async versions(): Promise<ReadonlyMap<string, string>> {
      const names = [...sources.keys()];
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

/**
 * Sets the headers of a file whose URL has its version.
 *
 * @returns its bytes, in the encoding that the client takes
 */
export function prepareAsset(request: FastifyRequest, reply: FastifyReply, asset: Asset): Buffer {
  reply.headers({
    'content-type': asset.type,
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'Accept-Encoding',
  });
  const encodings = request.headers['accept-encoding'];
  if (new Negotiator({ headers: { 'accept-encoding': encodings } }).encoding(['gzip']) !== 'gzip')
    return asset.plain;
  reply.header('content-encoding', 'gzip');
  return asset.gzipped;
}
