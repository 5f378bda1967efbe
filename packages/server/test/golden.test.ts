/** SimpleJWT 5.2.2's recorded answers: ours are the same, or differ as the table says. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { differences } from './golden/differences.ts';
import { DOCUMENT, REGENERATE, renderDocument } from './golden/document.ts';
import { replay } from './golden/replay.ts';
import { type GoldenCase, goldenCases, type Mode } from './golden/sample.ts';
import { differencesOf, judge } from './golden/verdict.ts';
import { createWorld } from './golden/world.ts';

const named = (mode: Mode, ...names: string[]) => names.map((name) => `${name} (${mode})`);
const labelOf = ({ name, mode }: GoldenCase) => `${name} (${mode})`;

/** Not replayed: rotation is not built yet, and these answers hold a new refresh token or need one. */
const NEEDS_ROTATION = new Set([
  ...named(
    'rotate',
    'refresh/tok-header-no-typ',
    'refresh/tok-exp-exponent',
    'refresh/tok-iat-now',
  ),
  ...named('rotate', 'refresh/tok-jti-empty', 'refresh/claim-order', 'rotate/reuse-old'),
  ...named('rotate', 'refresh/tok-iat-negative'),
]);

type Later = { readonly contract: string; readonly expected: number; readonly actual: number };

/**
 * Verify looks at the token alone until sessions are built, and then answers `expected`. Any other
 * answer than `actual` fails the test; with the `expected` one the case moves to the table.
 */
const NEEDS_SESSIONS: Readonly<Record<string, Later>> = {
  'state/inactive-verify-access (default)': { contract: '§3.1', expected: 401, actual: 200 },
  'state/deleted-verify-access (default)': { contract: '§3.1', expected: 401, actual: 200 },
  'state/pwchange-verify (default)': { contract: '§3.1', expected: 401, actual: 200 },
};

for (const mode of ['default', 'rotate'] as const) {
  test(`the golden sample, mode ${mode}`, async (t) => {
    const world = await createWorld(t);
    const cases = goldenCases.filter((golden) => golden.mode === mode);
    for (const [group, members] of Map.groupBy(cases, ({ name }) => name.split('/')[0])) {
      await t.test(group, async (subtest) => {
        const faults: string[] = [];
        const count = { equal: 0, different: 0, fault: 0 };
        for (const golden of members) {
          if (NEEDS_ROTATION.has(labelOf(golden))) continue;
          const answer = await replay(golden, world);
          const later = NEEDS_SESSIONS[labelOf(golden)];
          if (later) {
            assert.equal(answer.status, later.actual, `${labelOf(golden)}: moves to the table`);
            continue;
          }
          const verdict = judge(golden, answer);
          count[verdict.kind]++;
          if (verdict.kind === 'fault') faults.push(verdict.fault);
        }
        subtest.diagnostic(`${count.equal} equal, ${count.different} different on purpose`);
        assert.equal(faults.length, 0, `\n${faults.join('\n')}`);
      });
    }
  });
}

test('the tables speak of cases that exist, each once', () => {
  const names = new Set(goldenCases.map(({ name }) => name));
  const inTable = differences.flatMap(({ cases }) => cases);
  assert.deepEqual(
    inTable.filter((name, at) => !names.has(name) || inTable.indexOf(name) !== at),
    [],
  );
  const apart = [...NEEDS_ROTATION, ...Object.keys(NEEDS_SESSIONS)];
  const replayed = goldenCases.filter((golden) => !apart.includes(labelOf(golden)));
  assert.equal(replayed.length, goldenCases.length - apart.length);
  const shown = replayed.flatMap((golden) => differencesOf(golden));
  assert.deepEqual(
    differences.filter((difference) => !shown.includes(difference)),
    [],
  );
});

test('docs/differences-from-simplejwt.md is made from the table', async () => {
  const written = await readFile(DOCUMENT, 'utf8');
  assert.ok(written === renderDocument(), `The document is out of date; run: ${REGENERATE}`);
});
