/** The text of a dump; its first bytes tell its compression and encoding. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import zlib from 'node:zlib';

// The text is held in memory, parsed, and V8's longest string is 512 MiB.
const MAX_BYTES = 400 * 1024 * 1024;
const TOO_LARGE = 'more than 400 MiB. Dump the users alone, or import from the database itself';

/**
 * @param path may be packed with gzip, bzip2, xz, lzma or zip; UTF-8, or UTF-16 as PowerShell writes it
 * @throws {Error} whose message says what is wrong; never with a part of the text
 */
export async function readText(path: string): Promise<string> {
  return decode(await unpack(await collect(createReadStream(path))));
}

async function collect(source: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error(TOO_LARGE);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const starts = (bytes: Buffer, ...prefix: number[]) => prefix.every((byte, i) => bytes[i] === byte);

async function unpack(bytes: Buffer): Promise<Buffer> {
  if (starts(bytes, 0x1f, 0x8b)) return gunzip(bytes);
  if (starts(bytes, 0x50, 0x4b, 3, 4)) return unzip(bytes);
  if (starts(bytes, 0x42, 0x5a, 0x68)) return runThrough('bzip2', bytes);
  // The second is Python's FORMAT_ALONE, which xz reads too.
  if (starts(bytes, 0xfd, 0x37, 0x7a, 0x58, 0x5a) || starts(bytes, 0x5d, 0, 0))
    return runThrough('xz', bytes);
  return bytes;
}

async function gunzip(bytes: Buffer): Promise<Buffer> {
  try {
    return await promisify(zlib.gunzip)(bytes, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    const isLarge = error instanceof RangeError;
    throw new Error(isLarge ? TOO_LARGE : 'packed with gzip, and damaged');
  }
}

async function unzip(bytes: Buffer): Promise<Buffer> {
  const { unzipSync } = await import('fflate');
  const names: string[] = [];
  const files = unzipSync(bytes, {
    filter({ name, originalSize }) {
      // Directories, and the files that macOS adds.
      if (name.endsWith('/') || name.startsWith('__MACOSX/')) return false;
      if (originalSize > MAX_BYTES) throw new Error(TOO_LARGE);
      return names.push(name) === 1;
    },
  });
  const [first = ''] = names;
  const content = files[first];
  if (names.length === 1 && content) return Buffer.from(content);
  throw new Error(`a zip archive of ${names.length} files. Import one of them`);
}

/** Uses the system's own program (docs/decisions/049). */
async function runThrough(program: string, bytes: Buffer): Promise<Buffer> {
  const child = spawn(program, ['-dc'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(child, 'close');
  child.stdin.on('error', () => {});
  child.stdin.end(bytes);
  try {
    const [content, [code]] = await Promise.all([collect(child.stdout), ended]);
    if (code === 0) return content;
  } catch (error) {
    child.kill();
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    throw new Error(`packed with ${program}, which is not installed. Unpack the file first`);
  }
  throw new Error(`packed with ${program}, and damaged`);
}

function decode(bytes: Buffer): string {
  const [first = 1, second = 1] = bytes;
  const isUtf16 = first === 0xff || first === 0xfe || first === 0 || second === 0;
  const isBigEndian = first === 0xfe || first === 0;
  const encoding = isUtf16 ? (isBigEndian ? 'utf-16be' : 'utf-16le') : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new Error('not UTF-8. Set PYTHONUTF8=1 and dump again');
  }
}
