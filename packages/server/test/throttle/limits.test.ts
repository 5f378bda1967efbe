/** The limits as decisions, with simulated time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_RATES } from '../../src/config/limits.ts';
import { type Count, decide, type Limit, limitsOf } from '../../src/throttle/limits.ts';

const {
  account: LOGIN_ACCOUNT,
  network: LOGIN_NETWORK,
  failures: LOGIN_FAILURES,
  registrations: REGISTER_NETWORK,
} = limitsOf(DEFAULT_RATES);

const START = Date.UTC(2026, 0, 2);
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The times at which tries after these pauses were allowed, and the waits the others were told. */
function attempt(limit: Limit, pauses: Iterable<number>) {
  const allowed: number[] = [];
  const waits: number[] = [];
  let count: Count | undefined;
  let now = START;
  for (const pause of pauses) {
    now += pause;
    const verdict = decide(limit, count, now);
    if (verdict.allowed) {
      assert.ok(verdict.expiresAt > now, 'what was counted is kept');
      count = verdict.next;
      allowed.push(now);
    } else {
      waits.push(verdict.retryAt - now);
    }
  }
  return { allowed, waits };
}

const pauses = fc.array(fc.oneof(fc.nat(2 * SECOND), fc.nat(5 * MINUTE), fc.nat(HOUR)), {
  maxLength: 300,
});

test('the limits are those of the policy', () => {
  const { accountSuccesses, networkSuccesses } = limitsOf(DEFAULT_RATES);
  const quotas = [
    LOGIN_ACCOUNT,
    LOGIN_NETWORK,
    REGISTER_NETWORK,
    accountSuccesses,
    networkSuccesses,
  ];
  assert.deepEqual(
    quotas.map(({ quota, windowMs }) => [quota, windowMs]),
    [
      [10, 15 * MINUTE],
      [100, 15 * MINUTE],
      [10, HOUR],
      [300, HOUR],
      [3000, HOUR],
    ],
  );
});

test('a quota admits its number per window, and never twice as many in one', () => {
  fc.assert(
    fc.property(pauses, (times) => {
      const { allowed, waits } = attempt(LOGIN_ACCOUNT, times);
      const { quota, windowMs } = LOGIN_ACCOUNT;
      let opened = Number.NEGATIVE_INFINITY;
      let inWindow = 0;
      for (const [i, at] of allowed.entries()) {
        if (at >= opened + windowMs) [opened, inWindow] = [at, 0];
        assert.ok(++inWindow <= quota);
        const within = allowed.slice(i).filter((other) => other < at + windowMs);
        assert.ok(within.length < 2 * quota);
      }
      for (const wait of waits) assert.ok(wait > 0 && wait <= windowMs);
    }),
  );
});

test('a client that waits as long as told is admitted', () => {
  fc.assert(
    fc.property(fc.constantFrom<Limit>(LOGIN_ACCOUNT, LOGIN_FAILURES), pauses, (limit, times) => {
      let count: Count | undefined;
      let now = START;
      for (const pause of times) {
        now += pause;
        const verdict = decide(limit, count, now);
        if (verdict.allowed) count = verdict.next;
        else {
          assert.ok(!decide(limit, count, verdict.retryAt - 1).allowed);
          assert.ok(decide(limit, count, verdict.retryAt).allowed);
        }
      }
    }),
  );
});

test('after twenty failures the pause is a second and doubles up to fifteen minutes', () => {
  let count: Count = { hits: 20, since: START };
  const seconds: number[] = [];
  for (let i = 0; i < 13; i++) {
    const refused = decide(LOGIN_FAILURES, count, count.since);
    assert.ok(!refused.allowed);
    seconds.push((refused.retryAt - count.since) / SECOND);
    const allowed = decide(LOGIN_FAILURES, count, refused.retryAt);
    assert.ok(allowed.allowed);
    count = allowed.next;
  }
  assert.deepEqual(seconds, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
});

test('the fastest guessing gets 20 attempts at once, 30 in fifteen minutes, 125 in a day', () => {
  const { allowed } = attempt(LOGIN_FAILURES, Array(24 * 3600).fill(SECOND));
  const within = (ms: number) => allowed.filter((at) => at < START + ms).length;
  assert.equal(within(21 * SECOND), 20);
  assert.ok(within(15 * MINUTE) <= 30, String(within(15 * MINUTE)));
  assert.ok(within(24 * HOUR) <= 125, String(within(24 * HOUR)));
});

test('few failures are forgotten after an hour, many after a day', () => {
  const few = { hits: 5, since: START };
  const many = { hits: 6, since: START };
  const next = (count: Count, later: number) => {
    const verdict = decide(LOGIN_FAILURES, count, START + later);
    return verdict.allowed && verdict.next.hits;
  };
  assert.equal(next(few, HOUR - 1), 6);
  assert.equal(next(few, HOUR), 1);
  assert.equal(next(many, 24 * HOUR - 1), 7);
  assert.equal(next(many, 24 * HOUR), 1);
});

test('after a clock is set back no client waits longer than a whole window', () => {
  const count = { hits: 10, since: START };
  assert.ok(decide(LOGIN_ACCOUNT, count, START + 15 * MINUTE).allowed);
  const refused = decide(LOGIN_ACCOUNT, count, START - SECOND);
  assert.ok(!refused.allowed && refused.retryAt <= START + 15 * MINUTE);
});
