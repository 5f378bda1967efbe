/** Whatever honest clients and thieves do, in any order: properties of the rotation (I3, RF03). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CONCURRENCY_WINDOW_MS } from '../../src/sessions/rotation.ts';
import { startService } from '../support/service.ts';
import { generationOf, logIn, ROTATING } from './support/holder.ts';
import {
  createModelSession,
  type Outcome,
  type Presented,
  play,
} from './support/rotation-model.ts';
import { honestScenario, mixedScenario, sharedSession } from './support/scenarios.ts';

const RUNS = { seed: 20_260_102, numRuns: 2000 };
/** A client that keeps a token as long as its other tabs may still hold the one before. */
const PATIENT = { spendsAfter: CONCURRENCY_WINDOW_MS };
const HASTY = { spendsAfter: 0 };

const refusedIn = (trace: readonly Presented[]) => trace.filter(({ outcome }) => !outcome.ok);

test('RF03 an honest client alone is never logged out, whatever its tabs and the network do', () => {
  let refreshes = 0;
  fc.assert(
    fc.property(honestScenario, (steps) => {
      const trace = play(steps, PATIENT);
      refreshes += trace.length;
      assert.deepEqual(refusedIn(trace), []);
    }),
    RUNS,
  );
  assert.ok(refreshes > 5 * RUNS.numRuns, `only ${refreshes} refreshes: the test shows nothing`);
});

test('RF02 a token two generations old is reuse even within 10 s, so tabs must share one refresh', () => {
  let reused = 0;
  fc.assert(
    fc.property(honestScenario, (steps) => {
      const state = createModelSession();
      for (const { token, outcome, at } of play(steps, HASTY)) {
        const newest = state.state.generation;
        state.present(token, at);
        assert.equal(!outcome.ok && outcome.reason === 'reused', token.generation < newest - 1);
        if (outcome.ok) continue;
        reused++;
        return;
      }
    }),
    RUNS,
  );
  assert.ok(reused > 10, `only ${reused} tokens were that old: the test shows nothing`);
});

test('RF02 a thief who shares a live session is caught within three generations', () => {
  let caught = 0;
  fc.assert(
    fc.property(sharedSession, (turns) => {
      const session = createModelSession();
      const holds = { client: session.token(), thief: session.token() };
      const successes = { client: 0, thief: 0 };
      let now = 0;
      let isOver = false;
      for (const { who, pause } of turns) {
        now += pause;
        const outcome = session.present(holds[who], now);
        if (!outcome.ok) {
          if (outcome.reason === 'reused') caught++;
          isOver = true;
          break;
        }
        holds[who] = outcome.successor;
        successes[who]++;
        assert.ok(Math.min(successes.client, successes.thief) < 3, 'both went three generations');
      }
      const both = turns.filter(({ who }) => who === 'thief').length;
      if (Math.min(both, turns.length - both) >= 3) assert.ok(isOver, 'both go on');
    }),
    RUNS,
  );
  assert.ok(caught > RUNS.numRuns / 2, `only ${caught} thieves were caught`);
});

test('I3 a token has at most one successor, thieves or not', () => {
  let repeated = 0;
  fc.assert(
    fc.property(mixedScenario, (steps) => {
      const successors = new Map<string, string>();
      for (const { token, outcome } of play(steps, HASTY)) {
        if (!outcome.ok) continue;
        const known = successors.get(token.bytes);
        if (known !== undefined) repeated++;
        assert.equal(outcome.successor.bytes, known ?? outcome.successor.bytes);
        assert.equal(outcome.successor.generation, token.generation + 1);
        successors.set(token.bytes, outcome.successor.bytes);
      }
    }),
    RUNS,
  );
  assert.ok(repeated > RUNS.numRuns, `only ${repeated} tokens were presented twice`);
});

test('after a reuse nothing of the session is honoured again', () => {
  let ended = 0;
  fc.assert(
    fc.property(mixedScenario, (steps) => {
      const trace = play(steps, HASTY);
      const first = trace.findIndex(({ outcome }) => !outcome.ok);
      if (first === -1) return;
      ended++;
      assert.deepEqual(
        trace.slice(first).filter(({ outcome }) => outcome.ok),
        [],
      );
    }),
    RUNS,
  );
  assert.ok(ended > RUNS.numRuns / 10, `only ${ended} sessions ended`);
});

test('RF02 RF03 I3 the real server answers 40 such scenarios as the model does', async (t) => {
  const service = await startService(t, ROTATING);
  const sample = { seed: RUNS.seed, numRuns: 20 };
  const traces = [
    ...fc.sample(honestScenario, sample).map((steps) => play(steps, PATIENT)),
    ...fc.sample(mixedScenario, sample).map((steps) => play(steps, HASTY)),
  ];
  let presentations = 0;
  let refusals = 0;
  for (const trace of traces) {
    const start = service.clock.now();
    const { refresh } = await logIn(service);
    const real = new Map([[0, refresh]]);
    for (const { who, at, token, outcome } of trace) {
      service.clock.advance(start + at - service.clock.now());
      const { status, body } = await service.refresh(real.get(token.generation));
      const name = `${who} presents generation ${token.generation} after ${at} ms`;
      assert.deepEqual(outcomeOf(status, body), summaryOf(outcome), name);
      presentations++;
      if (!outcome.ok) refusals++;
      if (!outcome.ok) continue;
      const { generation } = outcome.successor;
      assert.equal(body.refresh, real.get(generation) ?? body.refresh, `${name}: other bytes`);
      real.set(generation, body.refresh);
    }
  }
  t.diagnostic(`${presentations} refreshes over HTTP, ${refusals} of them refused`);
  assert.ok(presentations > 250 && refusals > 20);
});

const summaryOf = (outcome: Outcome) =>
  outcome.ok ? { generation: outcome.successor.generation } : { reason: outcome.reason };

const outcomeOf = (status: number, body: { refresh: string; reason: string }) =>
  status === 200 ? { generation: generationOf(body.refresh) } : { reason: body.reason };
