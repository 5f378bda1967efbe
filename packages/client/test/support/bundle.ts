/** Entries of the package as a consumer's bundler makes them: minified, without what is not used. */

import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';

const SOURCES = join(import.meta.dirname, '../../src');

export type Bundle = { readonly code: string; readonly gzipped: number };

/**
 * @param code what a consumer writes, with imports from './index.ts' and the like
 * @param external modules that the figure leaves out
 */
export function bundle(code: string, external: readonly string[] = []): Bundle {
  const { outputFiles } = buildSync({
    stdin: { contents: code, resolveDir: SOURCES, loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    external: [...external],
    write: false,
  });
  const text = outputFiles[0]?.text ?? '';
  return { code: text, gzipped: gzipSync(text, { level: 9 }).length };
}

const CORE = "export { createClient, GatepassError } from './index.ts';";

/** What every page loads. */
export const bundleCore = (): Bundle => bundle(CORE);

/** @returns the bytes that all of another entry adds to the core */
export function bytesOfEntry(name: string, external: readonly string[] = []): number {
  const both = `${CORE} export * as part from './${name}.ts';`;
  return bundle(both, external).gzipped - bundleCore().gzipped;
}
