import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBearer } from '../src/index.ts';

const MISSING = { refused: 'missing' };
const MALFORMED = { refused: 'malformed' };
const TOKEN = { token: 'a.b.c' };

const headers: [header: string | undefined, result: object][] = [
  [undefined, MISSING],
  ['', MISSING],
  [' ', MISSING],
  [' \t\r\n\v\f', MISSING],
  ['Basic a.b.c', MISSING],
  ['Basic a b c', MISSING],
  ['a.b.c', MISSING],
  ['a.b.c Bearer', MISSING],
  ['Bearer:a.b.c', MISSING],
  ['"Bearer" a.b.c', MISSING],
  ['Bearera.b.c', MISSING],
  ['Bearer\u00a0a.b.c', MISSING],
  ['Bearer\u00a0 a.b.c', MISSING],
  ['\u00a0Bearer a.b.c', MISSING],
  ['Bearer,Bearer a.b.c', MISSING],
  ['Bearer', MALFORMED],
  ['Bearer ', MALFORMED],
  ['bearer', MALFORMED],
  ['Bearer a.b.c d', MALFORMED],
  ['Bearer a.b.c, Bearer d', MALFORMED],
  ['Bearer Bearer a.b.c', MALFORMED],
  ['Bearer a\vb', MALFORMED],
  ['Bearer a.b.c', TOKEN],
  ['bearer a.b.c', TOKEN],
  ['BEARER a.b.c', TOKEN],
  ['bEaReR a.b.c', TOKEN],
  ['  Bearer   a.b.c  ', TOKEN],
  ['Bearer\ta.b.c', TOKEN],
  ['Bearer\v\fa.b.c\r\n', TOKEN],
  ['Bearer \u00a0a', { token: '\u00a0a' }],
  ['Bearer a\u0085b', { token: 'a\u0085b' }],
  ['Bearer a\u001cb', { token: 'a\u001cb' }],
  ['Bearer "a.b.c"', { token: '"a.b.c"' }],
];

for (const [header, result] of headers) {
  test(`${JSON.stringify(header)} is ${JSON.stringify(result)}`, () =>
    assert.deepEqual(parseBearer(header), result));
}
