/** Random scenarios for the rotation model (fast-check). */
import fc from 'fast-check';
import { CONCURRENCY_WINDOW_MS } from '../../../src/sessions/rotation.ts';
import { HOUR } from './holder.ts';
import type { Step } from './rotation-model.ts';

const TABS = 4;
const THIEVES = 2;

const wait = fc
  .oneof(
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 3000 }) },
    { weight: 3, arbitrary: fc.integer({ min: 3000, max: 15_000 }) },
    { weight: 1, arbitrary: fc.constantFrom(CONCURRENCY_WINDOW_MS, CONCURRENCY_WINDOW_MS + 1) },
    { weight: 2, arbitrary: fc.integer({ min: 60_000, max: HOUR }) },
  )
  .map((milliseconds): Step => ({ kind: 'wait', milliseconds }));

const refresh = fc
  .record({ tab: fc.nat({ max: TABS - 1 }), isLost: fc.boolean() })
  .map((step): Step => ({ kind: 'refresh', ...step }));

const honest = [
  { weight: 4, arbitrary: wait },
  { weight: 6, arbitrary: refresh },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'restart' }) },
];

const thief = fc.nat({ max: THIEVES - 1 });

/** An honest client and nobody else. */
export const honestScenario = fc.array(fc.oneof(...honest), { maxLength: 60, size: 'max' });

/** An honest client, and thieves who copy what is stored at some time and use it at another. */
export const mixedScenario = fc.array(
  fc.oneof(
    ...honest,
    { weight: 1, arbitrary: thief.map((who): Step => ({ kind: 'copy', thief: who })) },
    { weight: 2, arbitrary: thief.map((who): Step => ({ kind: 'steal', thief: who })) },
  ),
  { maxLength: 60, size: 'max' },
);

/** Two holders of one token who refresh in any order, each time more than 10 s after the other. */
export const sharedSession = fc.array(
  fc.record({
    who: fc.constantFrom<'client' | 'thief'>('client', 'thief'),
    pause: fc.oneof(
      fc.constant(CONCURRENCY_WINDOW_MS + 1),
      fc.integer({ min: CONCURRENCY_WINDOW_MS + 1, max: HOUR }),
    ),
  }),
  { maxLength: 40, size: 'max' },
);
