/** The tables of SimpleJWT's settings in docs/from-django.md and its translation have all that there are. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as markdown from '../support/markdown.ts';
import { STACKS } from './django.ts';

const DOCS = join(import.meta.dirname, '../../docs');
const LIST = `
from django.conf import settings
settings.configure(SECRET_KEY='x')
from rest_framework_simplejwt.settings import DEFAULTS
print(*DEFAULTS)`;

const namesIn = (page: string) =>
  markdown
    .rowsOf(readFileSync(join(DOCS, page), 'utf8'))
    .flatMap(([first = '']) => markdown.spansOf(first))
    .filter((name) => /^[A-Z]+(?:_[A-Z]+)*$/.test(name));

for (const { name, python, missing } of STACKS)
  test(`every setting of the SimpleJWT of ${name} has a row`, { skip: missing }, () => {
    const real = execFileSync(python, ['-c', LIST], { encoding: 'utf8' }).trim().split(' ');
    assert.ok(real.length > 25);
    for (const page of ['from-django.md', 'from-django.ru.md']) {
      const named = namesIn(page);
      assert.deepEqual(
        real.filter((setting) => !named.includes(setting)),
        [],
        page,
      );
      assert.equal(new Set(named).size, named.length, page);
    }
  });
