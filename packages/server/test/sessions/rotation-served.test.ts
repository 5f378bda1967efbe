/** A server does what the model of rotation-model.test.ts does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { startService } from '../support/service.ts';
import { playBursts } from './support/bursts-model.ts';
import { generationOf, logIn, ROTATING } from './support/holder.ts';
import type { Outcome } from './support/rotation-model.ts';
import { honestScenario, mixedScenario, movingScenario } from './support/scenarios.ts';
import { playTabs } from './support/tabs-model.ts';

test('RF02 RF03 RF20 I3 the real server responds to 60 such scenarios as the model does', async (t) => {
  const service = await startService(t, ROTATING);
  const sample = { seed: 20_260_102, numRuns: 20 };
  const traces = [
    ...fc.sample(honestScenario, sample).map((steps) => playTabs(steps)),
    ...fc.sample(mixedScenario, sample).map((steps) => playTabs(steps)),
    ...fc.sample(movingScenario, sample).map((steps) => playBursts(steps).trace),
  ];
  let presentations = 0;
  let refusals = 0;
  for (const trace of traces) {
    const start = service.clock.now();
    const { refresh } = await logIn(service);
    const real = new Map([[0, refresh]]);
    for (const { who, from, at, token, outcome } of trace) {
      service.clock.advance(start + at - service.clock.now());
      const { status, body } = await service.post(
        '/api/token/refresh',
        { refresh: real.get(token.generation) },
        { 'user-agent': from },
      );
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
  assert.ok(presentations > 500 && refusals > 20);
});

const summaryOf = (outcome: Outcome) =>
  outcome.ok ? { generation: outcome.successor.generation } : { reason: outcome.reason };

const outcomeOf = (status: number, body: { refresh: string; reason: string }) =>
  status === 200 ? { generation: generationOf(body.refresh) } : { reason: body.reason };
