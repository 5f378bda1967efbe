/** What must hold of a rotation, whatever its holders do; each is a property of a decision. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SPENT_AFTER_MS } from '../../../src/sessions/rotation.ts';
import { playBursts } from './bursts-model.ts';
import { createModelSession, type Decide, type Presented } from './rotation-model.ts';
import * as scenarios from './scenarios.ts';
import { playTabs } from './tabs-model.ts';

/** Counts what a property has seen, so that a test can tell whether it showed anything. */
type Tally = (what: string) => void;
type Property = (decide: Decide, tally: Tally) => fc.IPropertyWithHooks<never>;

const refusedIn = (trace: readonly Presented[]) => trace.filter(({ outcome }) => !outcome.ok);

const of = <T>(arbitrary: fc.Arbitrary<T>, predicate: (value: T) => void) =>
  fc.property(arbitrary, predicate) as unknown as fc.IPropertyWithHooks<never>;

/** RF03: tabs that hold an old copy for a while, and lost responses. */
const tabsLive: Property = (decide, tally) =>
  of(scenarios.honestScenario, (steps) => {
    const trace = playTabs(steps, decide);
    for (const _ of trace) tally('refreshes');
    assert.deepEqual(refusedIn(trace), []);
  });

/** RF21: one refresh per request, stored in any order, some lost. */
const burstsLive: Property = (decide, tally) =>
  of(scenarios.burstScenario, (steps) => {
    const { trace, session } = playBursts(steps, decide);
    for (const _ of trace) tally('refreshes');
    assert.deepEqual(refusedIn(trace), []);
    assert.equal(session.elsewhere, 0);
  });

/** RF20: a burst moves the session by one generation at most. */
const burstsMoveOnce: Property = (decide, tally) =>
  of(scenarios.burstScenario, (steps) => {
    const { rotations } = playBursts(steps, decide);
    for (const [i, at] of rotations.entries()) {
      tally('rotations');
      const before = rotations[i - 1];
      assert.ok(before === undefined || at - before >= SPENT_AFTER_MS);
    }
  });

/** A session that is used goes on to rotate. */
const sessionsMove: Property = (decide, tally) =>
  of(scenarios.burstScenario, (steps) => {
    const { trace, rotations, session } = playBursts(steps, decide);
    const last = rotations.at(-1) ?? 0;
    for (const { at, token } of trace) {
      if (token.generation < session.state.generation || at - last < 2 * SPENT_AFTER_MS) continue;
      tally('presentations');
      assert.ok(at - session.state.givenAt < SPENT_AFTER_MS, 'the newest token is never spent');
    }
  });

/** A phone that changes its network while responses are lost. */
const phonesLive: Property = (decide, tally) =>
  of(scenarios.movingScenario, (steps) => {
    const { trace, session } = playBursts(steps, decide);
    for (const _ of trace) tally('refreshes');
    if (session.elsewhere > 0) tally('counted as elsewhere');
    assert.deepEqual(refusedIn(trace), []);
  });

/** RF22: the response to each first request is lost, and asked for again. */
const renderedLive: Property = (decide, tally) =>
  of(scenarios.renderedScenario, (pauses) => {
    const session = createModelSession(decide);
    let token = session.token();
    let now = 0;
    for (const [before, after] of pauses) {
      now += before;
      assert.ok(session.present(token, 'server', now).ok);
      now += after;
      const outcome = session.present(token, 'server', now);
      assert.ok(outcome.ok);
      token = outcome.successor;
      tally('pairs of refreshes');
    }
    assert.equal(session.elsewhere, 0);
  });

/** RF02, AB10: at whatever pace, two clients of one session do not both go three generations. */
const thievesEnd: Property = (decide, tally) =>
  of(scenarios.sharedSession, (turns) => {
    const session = createModelSession(decide);
    const holds = { client: session.token(), thief: session.token() };
    const moves = { client: 0, thief: 0 };
    let now = 0;
    for (const { who, pause } of turns) {
      now += pause;
      const outcome = session.present(holds[who], who, now);
      if (!outcome.ok) {
        tally('caught');
        return;
      }
      if (outcome.successor.generation > holds[who].generation) moves[who]++;
      holds[who] = outcome.successor;
      assert.ok(Math.min(moves.client, moves.thief) < 3, 'both went three generations');
      if (Math.min(moves.client, moves.thief) > 0) assert.ok(session.elsewhere > 0, 'unaudited');
    }
  });

/** AB10: a thief follows every rotation as soon as verify tells of it. */
const pollersEnd: Property = (decide, tally) =>
  of(scenarios.polling, ({ intervals, pollMs }) => {
    const session = createModelSession(decide);
    let owned = session.token();
    let now = 0;
    const rotate = (wait: number): boolean => {
      now += wait;
      const outcome = session.present(owned, 'owner', now);
      if (outcome.ok) owned = outcome.successor;
      return outcome.ok;
    };
    let before = owned;
    assert.ok(rotate(intervals[0] ?? 0));
    let stolen = owned;
    for (const wait of intervals.slice(1)) {
      if (!rotate(wait)) {
        tally('caught by the owner');
        return;
      }
      now += pollMs;
      // The newest and the one before verify: when the latter no longer does, the owner has rotated.
      if (session.verifies(before)) continue;
      const outcome = session.present(stolen, 'thief', now);
      if (!outcome.ok) {
        tally('caught');
        return;
      }
      assert.ok(session.elsewhere > 0, 'a thief follows unseen');
      [before, stolen] = [stolen, outcome.successor];
    }
    assert.ok(intervals.length < 4, 'a thief followed to the end');
  });

/** I3: a presented token gets itself or its one successor. */
const oneSuccessor: Property = (decide, tally) =>
  of(scenarios.mixedScenario, (steps) => {
    const successors = new Map<string, string>();
    for (const { token, outcome } of playTabs(steps, decide)) {
      if (!outcome.ok || outcome.successor.bytes === token.bytes) continue;
      const known = successors.get(token.bytes);
      if (known !== undefined) tally('repeats');
      assert.equal(outcome.successor.bytes, known ?? outcome.successor.bytes);
      assert.equal(outcome.successor.generation, token.generation + 1);
      successors.set(token.bytes, outcome.successor.bytes);
    }
  });

/** RF02: two generations back is reuse at any age, and then nothing is honoured again. */
const oldTokensEnd: Property = (decide, tally) =>
  of(scenarios.mixedScenario, (steps) => {
    let newest = 0;
    let isOver = false;
    for (const { token, outcome } of playTabs(steps, decide)) {
      if (token.generation < newest - 1 || isOver) {
        tally('old tokens');
        assert.ok(!outcome.ok);
        isOver = true;
      }
      if (!outcome.ok) isOver = true;
      else newest = Math.max(newest, outcome.successor.generation);
    }
  });

export const properties = {
  tabsLive,
  burstsLive,
  burstsMoveOnce,
  sessionsMove,
  phonesLive,
  renderedLive,
  thievesEnd,
  pollersEnd,
  oneSuccessor,
  oldTokensEnd,
};
export type PropertyName = keyof typeof properties;
