/** The pictures of the README say what docs/performance.md says, in both languages. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { benchmark } from '../scripts/pictures/benchmark.ts';
import { drawPictures } from '../scripts/pictures.ts';

const ROOT = join(import.meta.dirname, '..');
const read = (...path: string[]) => readFile(join(ROOT, ...path), 'utf8');

test('docs/pictures/ is what "npm run pictures" draws, and each README shows its own', async () => {
  const drawn = drawPictures();
  assert.deepEqual((await readdir(join(ROOT, 'docs/pictures'))).sort(), [...drawn.keys()].sort());
  const [english, russian] = [await read('README.md'), await read('README.ru.md')];
  for (const [name, text] of drawn) {
    assert.equal(await read('docs/pictures', name), text, `${name}: npm run pictures`);
    assert.match(text, /@media \(prefers-color-scheme: dark\)/);
    assert.ok((name.endsWith('.ru.svg') ? russian : english).includes(`(docs/pictures/${name})`));
  }
});

test('the chart has the figures of the page, and bars in proportion', async () => {
  const page = await read('docs/performance.md');
  const figures = (name: string) =>
    new RegExp(`^\\| ${name} \\| ([\\d,]+) `, 'm').exec(page)?.[1] ?? 'none';
  const chart = benchmark(page, 'en');
  for (const name of ['gatepass', 'floor', 'simplejwt', 'better-auth'])
    assert.ok(chart.includes(`>${figures(name)}</text>`), name);
  const changed = page.replace(/^(\| gatepass \|) [\d,]+/m, `$1 ${figures('simplejwt')}`);
  const widths = [...benchmark(changed, 'en').matchAll(/width="(\d+)"[^>]*class="bar/g)];
  const [gatepass, floor, simplejwt] = widths.map(([, width]) => Number(width));
  assert.equal(gatepass, simplejwt);
  assert.equal(floor, 500);
});
