/** Random scenarios for the rotation models (fast-check). */
import fc from 'fast-check';
import { MAX_LATE_STREAK, SPENT_AFTER_MS } from '../../../src/sessions/rotation.ts';
import { type Step as BurstStep, LATEST_MS, LONGEST_MS } from './bursts-model.ts';
import { HOUR } from './holder.ts';
import { PLACES, type Step } from './tabs-model.ts';

const TABS = 4;

const pause = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 3000 }) },
  { weight: 3, arbitrary: fc.integer({ min: 3000, max: 15_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(SPENT_AFTER_MS - 1, SPENT_AFTER_MS) },
  { weight: 2, arbitrary: fc.integer({ min: 60_000, max: HOUR }) },
);
const wait = pause.map((milliseconds) => ({ kind: 'wait', milliseconds }) as const);

const refresh = fc
  .record({ tab: fc.nat({ max: TABS - 1 }), isLost: fc.boolean() })
  .map((step): Step => ({ kind: 'refresh', ...step }));

const honest = [
  { weight: 4, arbitrary: wait },
  { weight: 6, arbitrary: refresh },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'restart' }) },
];

const thief = fc.nat({ max: PLACES.length - 1 });
const LONG = { maxLength: 60, size: 'max' } as const;

/** An honest client with tabs, and no other client. */
export const honestScenario = fc.array(fc.oneof(...honest), LONG);

/** An honest client, and thieves who copy what is stored at some time and use it at another. */
export const mixedScenario = fc.array(
  fc.oneof(
    ...honest,
    { weight: 1, arbitrary: thief.map((who): Step => ({ kind: 'copy', thief: who })) },
    { weight: 2, arbitrary: thief.map((who): Step => ({ kind: 'steal', thief: who })) },
  ),
  LONG,
);

/** Two holders of one token who refresh in any order, at once or an hour later. */
export const sharedSession = fc.array(
  fc.record({ who: fc.constantFrom<'client' | 'thief'>('client', 'thief'), pause }),
  { maxLength: 40, size: 'max' },
);

/** An owner who refreshes at these intervals; a thief asks verify at each of these. */
export const polling = fc.record({
  intervals: fc.array(fc.integer({ min: SPENT_AFTER_MS, max: HOUR }), {
    minLength: 4,
    maxLength: 20,
  }),
  pollMs: fc.integer({ min: 100, max: 20_000 }),
});

const request = fc
  .tuple(
    fc.integer({ min: 0, max: LATEST_MS }),
    fc.integer({ min: 0, max: LONGEST_MS - 1 }),
    fc.integer({ min: 0, max: LONGEST_MS - 1 }),
    fc.boolean(),
  )
  .map(([delay, up, whole, isLost]) => ({ delay, up, down: Math.max(0, whole - up), isLost }));

const burst = fc
  .tuple(
    fc.array(request, { minLength: 1, maxLength: 8 }),
    fc.constantFrom('some', 'some', 'some', 'all'),
  )
  .map(([requests, lost]): BurstStep => {
    const fates = requests.map((each) => (lost === 'all' ? { ...each, isLost: true } : each));
    return { kind: 'burst', requests: fates };
  });

/** A client that refreshes once per request. */
export const burstScenario = fc.array(
  fc.oneof({ weight: 1, arbitrary: wait }, { weight: 1, arbitrary: burst }),
  { maxLength: 40, size: 'max' },
);

/** The same on a phone that changes its network, as often as generations in a row may be late. */
export const movingScenario = fc
  .tuple(burstScenario, fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: MAX_LATE_STREAK }))
  .map(([steps, moves]) =>
    moves.reduce<BurstStep[]>((all, at) => all.toSpliced(at, 0, { kind: 'move' }), steps),
  );

/** Server-side rendering: its responses are lost, and the browser asks again later. */
export const renderedScenario = fc.array(fc.tuple(pause, pause), { maxLength: 30, size: 'max' });
