/** The pure decision about a presented refresh token (decisions 015, 060), boundary by boundary. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decideRotation,
  GIVEN_GRAIN_MS,
  MAX_LATE_STREAK,
  type RotationState,
  SPENT_AFTER_MS,
} from '../../src/sessions/rotation.ts';
import {
  BORN,
  type Case,
  decides,
  FRESH,
  keep,
  marked,
  POLICY,
  ROTATED,
  refused,
  repeat,
  reuse,
  rotated,
} from './support/decision-cases.ts';
import { DAY, HOUR, MINUTE, SECOND } from './support/holder.ts';

/** Two hours before the absolute limit. */
const NEAR_END = { createdAt: ROTATED + 2 * HOUR - 30 * DAY, expiresAt: ROTATED + 2 * HOUR };

const newest: Case[] = [
  { name: 'RF20 newest at once', presented: 5, after: 0, expected: keep },
  { name: 'RF20 newest, 10 s less 1 ms', presented: 5, after: 9999, expected: keep },
  { name: 'newest at exactly 10 s', presented: 5, after: 10_000, expected: rotated(10_000) },
  { name: 'newest after an hour', presented: 5, after: HOUR, expected: rotated(HOUR) },
  {
    name: 'RF20 newest at once, from elsewhere',
    presented: 5,
    by: 'elsewhere',
    after: 0,
    expected: keep,
  },
  {
    name: 'newest later, from elsewhere: that is where it rotates',
    presented: 5,
    by: 'elsewhere',
    after: MINUTE,
    expected: rotated(MINUTE),
  },
  {
    name: 'RF20 newest, given to this client again a moment ago',
    state: { givenAt: ROTATED + HOUR },
    presented: 5,
    after: HOUR + 9999,
    expected: keep,
  },
  {
    name: 'newest, given to this client again 10 s ago',
    state: { givenAt: ROTATED + HOUR },
    presented: 5,
    after: HOUR + 10_000,
    expected: rotated(HOUR + 10_000),
  },
  {
    name: 'newest, given to another client a moment ago',
    state: { givenAt: ROTATED + HOUR, givenTo: 'elsewhere' },
    presented: 5,
    after: HOUR,
    expected: rotated(HOUR),
  },
  {
    name: 'the token of a login is spent at once',
    state: { generation: 0, rotatedBy: '' },
    presented: 0,
    after: 0,
    expected: { kind: 'rotate', next: { generation: 1, expiresAt: ROTATED + DAY } },
  },
  {
    name: 'a token that lives for 4 s is spent after 2 s',
    policy: { refreshTokenLifetime: 4 * SECOND },
    state: { expiresAt: ROTATED + 4 * SECOND },
    presented: 5,
    after: 2 * SECOND,
    expected: rotated(2 * SECOND, ROTATED + 6 * SECOND),
  },
  {
    name: 'a token that lives for 4 s is kept until then',
    policy: { refreshTokenLifetime: 4 * SECOND },
    state: { expiresAt: ROTATED + 4 * SECOND },
    presented: 5,
    after: 2 * SECOND - 1,
    expected: keep,
  },
];

const others: Case[] = [
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
    after: MINUTE,
    expected: rotated(MINUTE, ROTATED + 3 * DAY),
  },
];

/** The clock of this node has been set back, or another node's clock is ahead. */
const clocks: Case[] = [
  { name: 'newest', presented: 5, after: -HOUR, expected: keep },
  { name: 'predecessor', presented: 4, after: -HOUR, expected: repeat },
  {
    name: 'predecessor from elsewhere',
    presented: 4,
    by: 'elsewhere',
    after: -HOUR,
    expected: marked(1),
  },
  { name: 'RF02 an older one', presented: 3, after: -HOUR, expected: reuse },
  { name: 'issued when rotated', presented: 5, issued: 0, after: -HOUR, expected: keep },
  {
    name: 'issued after its rotation',
    presented: 5,
    issued: SECOND,
    after: -HOUR,
    expected: refused('not_yet_valid'),
  },
  {
    name: 'issued 5 s ahead',
    presented: 5,
    issued: 15_000,
    after: 10_000,
    expected: rotated(10_000),
  },
  {
    name: 'issued 6 s ahead',
    presented: 5,
    issued: 16_000,
    after: 10_000,
    expected: refused('not_yet_valid'),
  },
];

const tokens = { newest: 5, predecessor: 4, old: 0, future: 6 };
const ended = Object.entries(tokens).map(([name, presented]): Case => {
  const state = { endedAt: ROTATED + 1 };
  return { name: `LO02 ${name}`, state, presented, after: 2, expected: refused('revoked') };
});

decides('newest', newest);
decides('any', others);
decides('clock behind', clocks);
decides('ended', ended);

test('decideRotation: the constants are those of the documentation', () => {
  assert.deepEqual([SPENT_AFTER_MS, GIVEN_GRAIN_MS, MAX_LATE_STREAK], [10_000, 1000, 2]);
});

test('RF12 a session rotated every minute for 30 days ends at its limit, and no token outlives it', () => {
  let state: RotationState = { ...FRESH, generation: 0, rotatedAt: BORN, expiresAt: BORN + DAY };
  const end = BORN + 30 * DAY;
  const present = (now: number) =>
    decideRotation(state, { generation: state.generation, issuedAt: 0, by: '' }, now, POLICY);
  for (let now = BORN + MINUTE; now < end; now += MINUTE) {
    const decision = present(now);
    assert.equal(decision.kind, 'rotate');
    if (decision.kind === 'rotate') state = decision.next;
    assert.ok(state.expiresAt <= end);
  }
  assert.equal(state.generation, 30 * 24 * 60 - 1);
  assert.equal(state.expiresAt, end);
  assert.deepEqual(present(end), refused('expired'));
});
