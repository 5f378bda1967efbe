/** The pure part of the ring, with random histories: what must hold whatever happened before. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Change, dueChanges, type RingPolicy, startChanges } from '../../src/keys/changes.ts';
import { retireChanges, rotateChanges } from '../../src/keys/commanded-changes.ts';
import {
  type Algorithm,
  isVerifying,
  nextSwitch,
  type RingKey,
  secretVerifiesUntil,
  signingKey,
} from '../../src/keys/schedule.ts';

const POLICY: RingPolicy = { rotation: 3_600_000, accessTokenLifetime: 300_000 };
const START = Date.UTC(2026, 0, 1);
const HALF_A_MINUTE = 30_000;
const RUNS = { numRuns: 500 };
const SECRET = 'the secret';
/** The max-age of the key set with this rotation, and what nodes need to follow. */
const PUBLISHED_FOR = 36_000 + 5000;

/** What the database does with changes. */
function carryOut(ring: readonly RingKey[], changes: readonly Change[], now: number): RingKey[] {
  let rows = [...ring];
  const set = (kid: string, values: Partial<RingKey>) => {
    assert.ok(
      rows.some((key) => key.kid === kid),
      `${kid} is there`,
    );
    rows = rows.map((key) => (key.kid === kid ? { ...key, ...values } : key));
  };
  for (const change of changes) {
    if (change.kind === 'create') {
      const { alg, serial, state, activatesAt } = change;
      assert.ok(
        rows.every((key) => key.serial !== serial),
        `the place ${serial} is free`,
      );
      rows.push({
        kid: `${alg} ${serial} of ${now}`,
        alg,
        serial,
        state,
        activatesAt,
        createdAt: now,
        retiresAt: undefined,
        tokenLifetime: POLICY.accessTokenLifetime,
      });
    } else if (change.kind === 'remove') rows = rows.filter(({ kid }) => kid !== change.kid);
    else if (change.kind === 'promote')
      set(change.kid, { state: 'current', activatesAt: change.activatesAt });
    else if (change.kind === 'retire' || change.kind === 'kill')
      set(change.kid, { state: 'retired', retiresAt: change.retiresAt });
    else if (change.kind === 'reschedule') set(change.kid, { activatesAt: change.activatesAt });
  }
  return rows;
}

type Step =
  | { kind: 'wait'; milliseconds: number }
  | { kind: 'keep up' }
  | { kind: 'start'; algorithm: Algorithm }
  | { kind: 'rotate'; algorithm: Algorithm | undefined; now: boolean }
  | { kind: 'retire' };

const algorithm = fc.constantFrom<Algorithm>('HS256', 'EdDSA', 'ES256', 'RS256');
const wait = fc
  .oneof(fc.nat(10_000), fc.nat(400_000), fc.nat(8_000_000))
  .map((milliseconds): Step => ({ kind: 'wait', milliseconds }));
const rotate = (now: fc.Arbitrary<boolean>) =>
  fc
    .record({ algorithm: fc.option(algorithm, { nil: undefined }), now })
    .map((options): Step => ({ kind: 'rotate', ...options }));
const history = (hurried: fc.Arbitrary<boolean>) =>
  fc.array(
    fc.oneof(
      { weight: 5, arbitrary: wait },
      { weight: 4, arbitrary: fc.constant<Step>({ kind: 'keep up' }) },
      { weight: 1, arbitrary: algorithm.map((each): Step => ({ kind: 'start', algorithm: each })) },
      { weight: 2, arbitrary: rotate(hurried) },
      { weight: 1, arbitrary: fc.constant<Step>({ kind: 'retire' }) },
    ),
    { maxLength: 80, size: 'max' },
  );
const anyHistory = history(fc.boolean());

type Look = (ring: readonly RingKey[], now: number, before: readonly RingKey[]) => void;

/** Plays a history and calls back after each step, and just before each switch. */
function play(steps: readonly Step[], look: Look): void {
  let ring: readonly RingKey[] = [];
  let now = START;
  const change = (made: ReturnType<typeof rotateChanges>) => {
    if (!('refused' in made)) ring = carryOut(ring, made, now);
  };
  for (const each of steps) {
    const before = ring;
    if (each.kind === 'wait') {
      const until = now + each.milliseconds;
      const lastMoment = nextSwitch(ring, now) - 1;
      if (lastMoment > now && lastMoment < until) look(ring, lastMoment, ring);
      now = until;
    }
    if (each.kind === 'keep up') change(dueChanges(ring, now, POLICY));
    if (each.kind === 'start')
      change(startChanges(ring, now, POLICY, each.algorithm, false).filter(isRingChange));
    if (each.kind === 'rotate') change(rotateChanges(ring, now, POLICY, each));
    if (each.kind === 'retire') {
      const kid = signingKey(ring, now)?.kid;
      if (kid) change(retireChanges(ring, now, POLICY, kid, false));
    }
    look(ring, now, before);
  }
}

const isRingChange = ({ kind }: Change) => kind !== 'extend';
const nameOf = (key: RingKey | undefined) => (!key || key.alg === 'HS256' ? SECRET : key.kid);

test('a token is accepted until it expires, despite slow nodes and clocks half a minute apart', () => {
  fc.assert(
    fc.property(
      anyHistory,
      fc.integer({ min: -HALF_A_MINUTE, max: HALF_A_MINUTE }),
      (steps, off) => {
        const expiries = new Map<string, number>();
        play(steps, (ring, now, before) => {
          for (const seen of [before, ring]) {
            const signer = nameOf(signingKey(seen, now + off));
            const exp = now + off + POLICY.accessTokenLifetime;
            expiries.set(signer, Math.max(exp, expiries.get(signer) ?? 0));
          }
          for (const [kid, exp] of expiries) {
            if (now >= exp) continue;
            if (kid === SECRET) assert.ok(now < secretVerifiesUntil(ring, now), kid);
            else {
              const key = ring.find((each) => each.kid === kid);
              assert.ok(key && isVerifying(key, now), `${kid} at ${now - START}`);
            }
          }
        });
      },
    ),
    RUNS,
  );
});

test('ST13 no key signs before every verifier could fetch it, unless rotated with --now', () => {
  fc.assert(
    fc.property(history(fc.constant(false)), (steps) => {
      play(steps, (ring, now) => {
        const key = signingKey(ring, now);
        if (key) assert.ok(now - key.createdAt >= PUBLISHED_FOR, key.kid);
      });
    }),
    RUNS,
  );
});

test('the announced switch is the next one, and keeping up changes nothing visible', () => {
  fc.assert(
    fc.property(anyHistory, fc.nat(8_000_000), (steps, later) => {
      play(steps, (ring, now) => {
        const at = nextSwitch(ring, now);
        assert.equal(signingKey(ring, Math.min(at - 1, now + later)), signingKey(ring, now));
        if (at <= now + later) assert.notEqual(signingKey(ring, at), signingKey(ring, now));
        const kept = carryOut(ring, dueChanges(ring, now, POLICY), now);
        assert.equal(signingKey(kept, now)?.kid, signingKey(ring, now)?.kid);
      });
    }),
    RUNS,
  );
});

test('after any sequence of changes, an asymmetric key has a successor once the ring is kept up', () => {
  fc.assert(
    fc.property(anyHistory, (steps) => {
      play(steps, (ring, now) => {
        const once = carryOut(ring, dueChanges(ring, now, POLICY), now);
        const kept = carryOut(once, dueChanges(once, now, POLICY), now);
        assert.deepEqual(dueChanges(kept, now, POLICY), []);
        const current = signingKey(kept, now);
        if (current && current.alg !== 'HS256')
          assert.ok(kept.some(({ state, serial }) => state === 'next' && serial > current.serial));
        assert.ok(kept.filter(({ state }) => state === 'current').length <= 1);
      });
    }),
    RUNS,
  );
});
