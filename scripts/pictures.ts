/** `npm run pictures`: the pictures of the README, from words and from the figures of docs/performance.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchmark } from './pictures/benchmark.ts';
import type { Language } from './pictures/svg.ts';
import { tokens } from './pictures/tokens.ts';

const DOCS = join(import.meta.dirname, '../docs');
const LANGUAGES: readonly (readonly [Language, string])[] = [
  ['en', ''],
  ['ru', '.ru'],
];

/** The text of each file in docs/pictures/, by its name. */
export function drawPictures(): ReadonlyMap<string, string> {
  const page = readFileSync(join(DOCS, 'performance.md'), 'utf8');
  return new Map(
    LANGUAGES.flatMap(([language, suffix]) => [
      [`tokens${suffix}.svg`, tokens(language)],
      [`benchmark${suffix}.svg`, benchmark(page, language)],
    ]),
  );
}

export function writePictures(): void {
  for (const [name, text] of drawPictures()) writeFileSync(join(DOCS, 'pictures', name), text);
}

if (import.meta.main) writePictures();
