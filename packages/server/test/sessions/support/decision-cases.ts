/** Cases of the rotation decision: what is presented to a session, and what must be decided. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideRotation, type RotationState } from '../../../src/sessions/rotation.ts';
import { DAY } from './holder.ts';

export const POLICY = { refreshTokenLifetime: DAY, sessionLifetime: 30 * DAY, leeway: 5000 };
export const BORN = Date.UTC(2026, 0, 1);
export const ROTATED = BORN + 2 * DAY;

/** A session five generations old, in order. */
export const FRESH: RotationState = {
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

export type Case = {
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

export const keep = { kind: 'keep' };
export const repeat = { kind: 'repeat' };
export const reuse = { kind: 'reuse' };
export const given = { kind: 'repeat', next: {} };
export const marked = (lateStreak: number) => ({
  kind: 'repeat_late',
  next: { lateGeneration: 5, lateStreak },
});
export const rotated = (after: number, expiresAt = ROTATED + after + DAY) => ({
  kind: 'rotate',
  next: { generation: 6, expiresAt },
});
export const refused = (reason: string) => ({ kind: 'refuse', reason });
/** A test for each. */
export function decides(group: string, cases: readonly Case[]): void {
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
