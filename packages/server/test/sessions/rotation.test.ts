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
import { DAY, HOUR, MINUTE, SECOND } from './support/holder.ts';

const POLICY = { refreshTokenLifetime: DAY, sessionLifetime: 30 * DAY };
const BORN = Date.UTC(2026, 0, 1);
const ROTATED = BORN + 2 * DAY;

/** A session five generations old, in order. */
const FRESH: RotationState = {
  generation: 5,
  rotatedAt: ROTATED,
  rotatedBy: 'here',
  givenAt: ROTATED,
  givenTo: 'here',
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
  /** Where it comes from; default the client that rotated. */
  by?: string;
  /** Its `iat`, in milliseconds since the rotation; default not ahead. */
  issued?: number;
  /** Milliseconds since the rotation. */
  after: number;
  policy?: Partial<typeof POLICY>;
  /** The decision; of `next` only what must differ from the state. */
  expected: { kind: string; reason?: string; next?: Partial<RotationState> };
};

const keep = { kind: 'keep' };
const repeat = { kind: 'repeat' };
const reuse = { kind: 'reuse' };
const given = { kind: 'repeat', next: {} };
const marked = (lateStreak: number) => ({
  kind: 'repeat_late',
  next: { lateGeneration: 5, lateStreak },
});
const rotated = (after: number, expiresAt = ROTATED + after + DAY) => ({
  kind: 'rotate',
  next: { generation: 6, expiresAt },
});
const refused = (reason: string) => ({ kind: 'refuse', reason });
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

const predecessors: Case[] = [
  { name: 'RF03 at once', presented: 4, after: 0, expected: repeat },
  { name: 'RF03 within a second', presented: 4, after: 999, expected: repeat },
  { name: 'RF03 after a second', presented: 4, after: 1000, expected: given },
  { name: 'RF22 after an hour', presented: 4, after: HOUR, expected: given },
  {
    name: 'RF22 after an hour, whatever was late before',
    state: { lateGeneration: 4, lateStreak: MAX_LATE_STREAK },
    presented: 4,
    after: HOUR,
    expected: given,
  },
  {
    name: 'AB10 from elsewhere, at once',
    presented: 4,
    by: 'elsewhere',
    after: 0,
    expected: marked(1),
  },
  {
    name: 'RF03 from elsewhere, later',
    presented: 4,
    by: 'elsewhere',
    after: HOUR,
    expected: marked(1),
  },
  {
    name: 'RF03 from elsewhere, a generation counts once',
    state: { lateGeneration: 5, lateStreak: 1 },
    presented: 4,
    by: 'elsewhere',
    after: HOUR,
    expected: given,
  },
  {
    name: 'RF03 from elsewhere, again within a second',
    state: { lateGeneration: 5, lateStreak: 1, givenAt: ROTATED + HOUR, givenTo: 'elsewhere' },
    presented: 4,
    by: 'elsewhere',
    after: HOUR + 999,
    expected: repeat,
  },
  {
    name: 'RF03 from elsewhere, also when its generation was the last one allowed',
    state: { lateGeneration: 5, lateStreak: MAX_LATE_STREAK },
    presented: 4,
    by: 'elsewhere',
    after: HOUR,
    expected: given,
  },
  {
    name: 'RF03 from elsewhere, the second generation in a row',
    state: { lateGeneration: 4, lateStreak: 1 },
    presented: 4,
    by: 'elsewhere',
    after: MINUTE,
    expected: marked(2),
  },
  {
    name: 'RF22 from elsewhere, the third generation in a row',
    state: { lateGeneration: 4, lateStreak: 2 },
    presented: 4,
    by: 'elsewhere',
    after: MINUTE,
    expected: reuse,
  },
  {
    name: 'AB10 from elsewhere, the third in a row, at once',
    state: { lateGeneration: 4, lateStreak: 2 },
    presented: 4,
    by: 'elsewhere',
    after: 0,
    expected: reuse,
  },
  {
    name: 'RF03 from elsewhere, a generation without a mark breaks the streak',
    state: { lateGeneration: 3, lateStreak: 2 },
    presented: 4,
    by: 'elsewhere',
    after: MINUTE,
    expected: marked(1),
  },
  {
    name: 'RF03 from elsewhere, of the first generation ever',
    state: { generation: 1 },
    presented: 0,
    by: 'elsewhere',
    after: MINUTE,
    expected: { kind: 'repeat_late', next: { lateGeneration: 1, lateStreak: 1 } },
  },
  {
    name: 'of a rotation from before clients were told apart',
    state: { rotatedBy: '', givenAt: 0, givenTo: '' },
    presented: 4,
    after: 0,
    expected: marked(1),
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

const table = { newest, predecessor: predecessors, '': others, 'clock behind': clocks, ended };
for (const [group, cases] of Object.entries(table)) {
  for (const each of cases) {
    const { name, state, presented, by = 'here', issued, after, policy, expected } = each;
    test(`decideRotation: ${group} ${name} → ${expected.reason ?? expected.kind}`, () => {
      const before = Object.freeze({ ...FRESH, ...state });
      const now = ROTATED + after;
      const issuedAt = issued === undefined ? 0 : (ROTATED + issued) / 1000;
      const decision = decideRotation(before, { generation: presented, issuedAt, by }, now, {
        ...POLICY,
        ...policy,
      });
      const { next, ...rest } = expected;
      const client = { givenAt: now, givenTo: by };
      const rotation = expected.kind === 'rotate' && { rotatedAt: now, rotatedBy: by };
      const wanted = next
        ? { ...rest, next: { ...before, ...client, ...rotation, ...next } }
        : rest;
      assert.deepEqual(decision, wanted);
    });
  }
}

test('decideRotation: the constants are those of the documentation', () => {
  assert.deepEqual([SPENT_AFTER_MS, GIVEN_GRAIN_MS, MAX_LATE_STREAK], [10_000, 1000, 2]);
});

test('RF12 rotated every minute for 30 days, a session ends at its limit and no token outlives it', () => {
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
