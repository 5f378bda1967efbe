/** docs/security-cases.md: the tests that it names exist, in the files that it names. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as markdown from './support/markdown.ts';

const ROOT = join(import.meta.dirname, '..');
const source = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const CASE = /^(?:[A-Z]{2}\d\d|I\d+[bc]?)$/;

const rows = markdown
  .rowsOf(source('docs/security-cases.md'))
  .filter(([id = '']) => CASE.test(id))
  .map((row) => ({ id: row[0] ?? '', tests: row.at(-1) ?? '' }));
const ids = new Set(rows.map(({ id }) => id));

/** Whether a string of the file, which is a title or a part of one, has the id. */
function isTestedIn(path: string, id: string): boolean {
  const code = source(path).replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '');
  const strings = code.match(/'[^'\n]*'|"[^"\n]*"|`[^`]*`/g) ?? [];
  return strings.some((text) => new RegExp(`\\b${id}\\b`).test(text));
}

test('each case is in the table once', () => {
  assert.ok(rows.length > 120, `${rows.length} rows`);
  assert.equal(ids.size, rows.length);
});

test('each case has its test in each file that the table names, or another case that stands for it', () => {
  const faults = rows.flatMap(({ id, tests }) => {
    const others = /^as (.+)$/.exec(tests)?.[1]?.split(', ');
    if (others) return others.filter((each) => !ids.has(each)).map((each) => `${id}: as ${each}?`);
    const files = markdown.spansOf(tests);
    if (files.length === 0) return [`${id}: no test`];
    return files.filter((path) => !isTestedIn(path, id)).map((path) => `${id}: not in ${path}`);
  });
  assert.deepEqual(faults, []);
});
