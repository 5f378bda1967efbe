/** The table of ASVS 5.0.0 in docs/security.md has every requirement of V6 and V7 at levels 1 and 2. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { rowsOf, sectionOf } from './support/markdown.ts';

const page = readFileSync(join(import.meta.dirname, '../docs/security.md'), 'utf8');
const SECTION = 'ASVS 5.0: authentication (V6) and sessions (V7) at level 2';

/** How many of a section are of level 1 or 2: in the release they are the first ones of each. */
const REQUIREMENTS = {
  ...{ '6.1': 3, '6.2': 12, '6.3': 4, '6.4': 4, '6.5': 5, '6.6': 3, '6.8': 4 },
  ...{ '7.1': 3, '7.2': 4, '7.3': 2, '7.4': 5, '7.5': 2, '7.6': 2 },
};

/** The numbers that a cell names, those of a range included. */
function numbersIn(cell: string): string[] {
  const range = /^(\d\.\d)\.(\d+) to \1\.(\d+)/.exec(cell);
  if (!range) return cell.match(/\d\.\d\.\d+/g) ?? [];
  const [, section = '', first, last] = range;
  const count = Number(last) - Number(first) + 1;
  return Array.from({ length: count }, (_, i) => `${section}.${Number(first) + i}`);
}

test('every requirement of ASVS 5.0.0, V6 and V7, of levels 1 and 2 has a row that is met or justified', () => {
  const rows = rowsOf(sectionOf(page, SECTION)).slice(1);
  const wanted = Object.entries(REQUIREMENTS).flatMap(([section, count]) =>
    Array.from({ length: count }, (_, i) => `${section}.${i + 1}`),
  );
  const named = rows.flatMap(([cell = '']) => numbersIn(cell));
  assert.deepEqual(
    wanted.filter((each) => !named.includes(each)),
    [],
  );
  for (const [cell = '', state = ''] of rows) assert.match(state, /^(met|justified)$/, cell);
  assert.equal(new Set(named).size, named.length, 'one row each');
});
