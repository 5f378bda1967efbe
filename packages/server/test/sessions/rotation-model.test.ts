/** Whatever honest clients and thieves do, in any order: properties of the rotation (I3, RF03). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decideRotation } from '../../src/sessions/rotation.ts';
import { bugs } from './support/rotation-bugs.ts';
import { type PropertyName, properties } from './support/rotation-properties.ts';

const RUNS = { seed: 20_260_102, numRuns: 2000 };

/** What each property says, and how often at least it must have seen what it is about. */
const claims: Record<PropertyName, { says: string; saw: Record<string, number> }> = {
  tabsLive: {
    says: 'RF03 an honest client alone is never logged out, whatever its tabs and the network do',
    saw: { refreshes: 20_000 },
  },
  burstsLive: {
    says: 'RF21 nor is a client that refreshes once per request, in any order of the responses',
    saw: { refreshes: 50_000 },
  },
  burstsMoveOnce: {
    says: 'RF20 two rotations of a session are 10 s apart: a burst moves it once',
    saw: { rotations: 5000 },
  },
  sessionsMove: { says: 'RF20 a session in use goes on to rotate', saw: { presentations: 100 } },
  phonesLive: {
    says: 'RF03 nor a phone that changes its network between a lost response and its retry',
    saw: { refreshes: 50_000, 'counted as elsewhere': 100 },
  },
  renderedLive: {
    says: 'RF22 nor a server that loses every first response',
    saw: { 'pairs of refreshes': 20_000 },
  },
  thievesEnd: {
    says: 'RF02 AB10 a thief elsewhere who shares a live session is caught within three generations',
    saw: { caught: 1000 },
  },
  pollersEnd: {
    says: 'AB10 so is a thief who asks verify when to follow',
    saw: { caught: 1000 },
  },
  oneSuccessor: {
    says: 'I3 a token has at most one successor, thieves or not',
    saw: { repeats: 2000 },
  },
  oldTokensEnd: {
    says: 'RF02 a token two generations old is reuse, and nothing of the session is honoured again',
    saw: { 'old tokens': 1000 },
  },
};

for (const [name, { says, saw }] of Object.entries(claims)) {
  test(says, (t) => {
    const seen: Record<string, number> = {};
    const tally = (what: string) => {
      seen[what] = (seen[what] ?? 0) + 1;
    };
    fc.assert(properties[name as PropertyName](decideRotation, tally), RUNS);
    t.diagnostic(JSON.stringify(seen));
    for (const [what, least] of Object.entries(saw))
      assert.ok((seen[what] ?? 0) >= least, `only ${seen[what]} ${what}: the test shows nothing`);
  });
}

for (const { what, breaks, decide } of bugs) {
  test(`planted: ${what} → ${breaks} is red`, (t) => {
    const { failed, numRuns, counterexample } = fc.check(
      properties[breaks](decide, () => {}),
      RUNS,
    );
    assert.ok(failed, 'the planted bug was not found');
    t.diagnostic(`after ${numRuns} runs: ${JSON.stringify(counterexample)}`);
  });
}
