/** The pure decision about a presented refresh token (DESIGN §4), boundary by boundary. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CONCURRENCY_WINDOW_MS,
  decideRotation,
  MAX_LATE_STREAK,
  type RotationState,
} from '../../src/sessions/rotation.ts';
import { DAY, HOUR, MINUTE } from './support/holder.ts';

const POLICY = { refreshTokenLifetime: DAY, sessionLifetime: 30 * DAY };
const BORN = Date.UTC(2026, 0, 1);
const ROTATED = BORN + 2 * DAY;

/** A session five generations old, in order. */
const FRESH: RotationState = {
  generation: 5,
  rotatedAt: ROTATED,
  lateGeneration: 0,
  lateStreak: 0,
  createdAt: BORN,
  expiresAt: ROTATED + DAY,
  endedAt: undefined,
};

type Case = {
  name: string;
  /** What differs from FRESH. */
  state?: Partial<RotationState>;
  presented: number;
  /** Milliseconds since the rotation. */
  after: number;
  /** The decision; of `next` only what must differ from the state. */
  expected: { kind: string; reason?: string; next?: Partial<RotationState> };
};

const repeat = { kind: 'repeat' };
const reuse = { kind: 'reuse' };
const marked = (lateStreak: number) => ({
  kind: 'repeat_late',
  next: { lateGeneration: 5, lateStreak },
});
const rotated = (after: number, expiresAt = ROTATED + after + DAY) => ({
  kind: 'rotate',
  next: { generation: 6, rotatedAt: ROTATED + after, expiresAt },
});
const refused = (reason: string) => ({ kind: 'refuse', reason });
/** Two hours before the absolute limit. */
const NEAR_END = { createdAt: ROTATED + 2 * HOUR - 30 * DAY, expiresAt: ROTATED + 2 * HOUR };

const cases: Case[] = [
  { name: 'newest at once', presented: 5, after: 0, expected: rotated(0) },
  { name: 'newest after an hour', presented: 5, after: HOUR, expected: rotated(HOUR) },
  { name: 'RF03 predecessor at once', presented: 4, after: 0, expected: repeat },
  { name: 'RF03 predecessor at exactly 10 s', presented: 4, after: 10_000, expected: repeat },
  { name: 'RF03 predecessor at 10 s + 1 ms', presented: 4, after: 10_001, expected: marked(1) },
  { name: 'RF03 predecessor, clock 5 s behind', presented: 4, after: -5000, expected: repeat },
  {
    name: 'RF03 a late predecessor counts once per generation',
    state: { lateGeneration: 5, lateStreak: 1 },
    presented: 4,
    after: HOUR,
    expected: repeat,
  },
  {
    name: 'RF03 also when its generation was the last one allowed',
    state: { lateGeneration: 5, lateStreak: MAX_LATE_STREAK },
    presented: 4,
    after: HOUR,
    expected: repeat,
  },
  {
    name: 'RF03 second late generation in a row',
    state: { lateGeneration: 4, lateStreak: 1 },
    presented: 4,
    after: MINUTE,
    expected: marked(2),
  },
  {
    name: 'RF03 third late generation in a row',
    state: { lateGeneration: 4, lateStreak: 2 },
    presented: 4,
    after: MINUTE,
    expected: reuse,
  },
  {
    name: 'RF03 a third one within 10 s is not late',
    state: { lateGeneration: 4, lateStreak: 2 },
    presented: 4,
    after: 10_000,
    expected: repeat,
  },
  {
    name: 'RF03 a generation without a mark breaks the streak',
    state: { lateGeneration: 3, lateStreak: 2 },
    presented: 4,
    after: MINUTE,
    expected: marked(1),
  },
  {
    name: 'RF03 the first generation ever has no mark before it',
    state: { generation: 1, lateGeneration: 0, lateStreak: 0 },
    presented: 0,
    after: MINUTE,
    expected: { kind: 'repeat_late', next: { lateGeneration: 1, lateStreak: 1 } },
  },
  {
    name: 'rotation keeps the marks',
    state: { lateGeneration: 5, lateStreak: 2 },
    presented: 5,
    after: MINUTE,
    expected: rotated(MINUTE),
  },
  { name: 'RF02 two generations back at once', presented: 3, after: 0, expected: reuse },
  { name: 'RF02 two generations back later', presented: 3, after: HOUR, expected: reuse },
  { name: 'RF02 the first token of all', presented: 0, after: 0, expected: reuse },
  { name: 'a generation above the row', presented: 6, after: 0, expected: reuse },
  { name: 'a generation far above the row', presented: 2 ** 52, after: 0, expected: reuse },
  { name: 'a negative generation', presented: -1, after: 0, expected: reuse },
  { name: 'RF13 1 ms before it expires', presented: 5, after: DAY - 1, expected: rotated(DAY - 1) },
  {
    name: 'RF13 expired to the millisecond',
    presented: 5,
    after: DAY,
    expected: refused('expired'),
  },
  {
    name: 'RF13 expired and old: no reuse',
    presented: 2,
    after: DAY,
    expected: refused('expired'),
  },
  {
    name: 'RF12 the limit cuts the token that would outlive it',
    state: NEAR_END,
    presented: 5,
    after: HOUR,
    expected: rotated(HOUR, NEAR_END.expiresAt),
  },
  {
    name: 'RF12 1 ms before the absolute limit',
    state: NEAR_END,
    presented: 5,
    after: 2 * HOUR - 1,
    expected: rotated(2 * HOUR - 1, NEAR_END.expiresAt),
  },
  {
    name: 'RF12 at the absolute limit, whatever the row says of its expiry',
    state: { ...NEAR_END, expiresAt: BORN + 40 * DAY },
    presented: 5,
    after: 2 * HOUR,
    expected: refused('expired'),
  },
  {
    name: 'a lifetime made shorter does not forget that an older token was spent',
    state: { expiresAt: ROTATED + 3 * DAY },
    presented: 5,
    after: 0,
    expected: rotated(0, ROTATED + 3 * DAY),
  },
];

const ended = { endedAt: ROTATED + 1 };
for (const [presented, name] of [
  [5, 'newest'],
  [4, 'predecessor'],
  [0, 'old'],
  [6, 'future'],
] as const) {
  cases.push({
    name: `LO02 ended: ${name} token`,
    state: ended,
    presented,
    after: 2,
    expected: refused('revoked'),
  });
}

for (const { name, state, presented, after, expected } of cases) {
  test(`decideRotation: ${name} → ${expected.reason ?? expected.kind}`, () => {
    const before = Object.freeze({ ...FRESH, ...state });
    const decision = decideRotation(before, presented, ROTATED + after, POLICY);
    const { next, ...rest } = expected;
    assert.deepEqual(decision, next ? { ...rest, next: { ...before, ...next } } : rest);
  });
}

test('decideRotation: the constants are those of DESIGN §4', () => {
  assert.equal(CONCURRENCY_WINDOW_MS, 10_000);
  assert.equal(MAX_LATE_STREAK, 2);
});

test('RF12 rotated every minute for 30 days, a session ends at its limit and no token outlives it', () => {
  let state: RotationState = { ...FRESH, generation: 0, rotatedAt: BORN, expiresAt: BORN + DAY };
  const end = BORN + 30 * DAY;
  for (let now = BORN + MINUTE; now < end; now += MINUTE) {
    const decision = decideRotation(state, state.generation, now, POLICY);
    assert.equal(decision.kind, 'rotate');
    if (decision.kind === 'rotate') state = decision.next;
    assert.ok(state.expiresAt <= end);
  }
  assert.equal(state.generation, 30 * 24 * 60 - 1);
  assert.equal(state.expiresAt, end);
  assert.deepEqual(decideRotation(state, state.generation, end, POLICY), refused('expired'));
});
