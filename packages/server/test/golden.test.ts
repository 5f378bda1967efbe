/** The recorded responses of SimpleJWT 5.2.2: ours are the same, or differ as the table says. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { differences } from './golden/differences.ts';
import { DOCUMENT, REGENERATE, renderDocument } from './golden/document.ts';
import { isAnsweredByMe } from './golden/expected.ts';
import { changes, strangers } from './golden/newer.ts';
import { replay } from './golden/replay.ts';
import { goldenCases } from './golden/sample.ts';
import { differencesOf, judge } from './golden/verdict.ts';
import { createWorld } from './golden/world.ts';

for (const mode of ['default', 'rotate'] as const) {
  test(`the golden sample, mode ${mode}`, async (t) => {
    const world = await createWorld(t, mode);
    const cases = goldenCases.filter((golden) => golden.mode === mode);
    for (const [group, members] of Map.groupBy(cases, ({ name }) => name.split('/')[0])) {
      await t.test(group, async (subtest) => {
        const faults: string[] = [];
        const count = { equal: 0, different: 0, fault: 0 };
        for (const golden of members) {
          const verdict = judge(golden, await replay(golden, world));
          count[verdict.kind]++;
          if (verdict.kind === 'fault') faults.push(verdict.fault);
        }
        subtest.diagnostic(`${count.equal} equal, ${count.different} different on purpose`);
        assert.equal(faults.length, 0, `\n${faults.join('\n')}`);
      });
    }
  });
}

test('the tables name existing cases, each once', () => {
  const names = new Set(goldenCases.map(({ name }) => name));
  const inTable = differences.flatMap(({ cases }) => cases);
  assert.deepEqual(
    inTable.filter((name, at) => !names.has(name) || inTable.indexOf(name) !== at),
    [],
  );
  const shown = goldenCases.flatMap((golden) => differencesOf(golden));
  assert.deepEqual(
    differences.filter((difference) => !shown.includes(difference)),
    [],
  );
  assert.ok(goldenCases.some(isAnsweredByMe), 'the difference in Allow is shown by no case');
});

test('the recorded responses of SimpleJWT 5.5 belong to cases of the sample', () => {
  assert.deepEqual(strangers(), []);
  assert.ok(changes().length > 0);
});

test('docs/differences-from-simplejwt.md is made from the table', async () => {
  const written = await readFile(DOCUMENT, 'utf8');
  assert.ok(written === renderDocument(), `The document is out of date; run: ${REGENERATE}`);
});
