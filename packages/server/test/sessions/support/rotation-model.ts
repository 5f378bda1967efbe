/**
 * A session's row moved by a rotation decision alone, as POST /api/token/refresh and
 * POST /api/token/verify do it. The people who hold its tokens are in tabs-model.ts and
 * bursts-model.ts.
 */
import {
  type Decision,
  decideRotation,
  type Presented as Presentation,
  type RotationPolicy,
  type RotationState,
} from '../../../src/sessions/rotation.ts';
import { UNROTATED } from '../../../src/sessions/session.ts';
import { DAY } from './holder.ts';

export const POLICY = { refreshTokenLifetime: DAY, sessionLifetime: 30 * DAY, leeway: 5000 };

/** The real one, or one with a planted bug. */
export type Decide = (
  state: RotationState,
  presented: Presentation,
  now: number,
  policy: RotationPolicy,
) => Decision;

/** A token as a model knows it: all that the real one is a function of. */
export type Token = { readonly generation: number; readonly bytes: string };
export type Outcome =
  | { readonly ok: true; readonly successor: Token }
  | { readonly ok: false; readonly reason: string };
export type Presented = {
  readonly who: string;
  /** The client as the server sees it: network and user agent. */
  readonly from: string;
  /** Milliseconds since the login. */
  readonly at: number;
  readonly token: Token;
  readonly outcome: Outcome;
};

const tokenOf = ({ generation, rotatedAt, expiresAt }: RotationState): Token => ({
  generation,
  bytes: `${generation}.${rotatedAt}.${expiresAt}`,
});

/** The server of the model. */
export function createModelSession(decide: Decide = decideRotation) {
  let state: RotationState = {
    ...UNROTATED,
    rotatedAt: 0,
    createdAt: 0,
    expiresAt: DAY,
    endedAt: undefined,
  };
  let elsewhere = 0;
  return {
    get state() {
      return state;
    },
    /** How many events `refresh.elsewhere` are in the audit log. */
    get elsewhere() {
      return elsewhere;
    },
    token: () => tokenOf(state),
    present({ generation }: Token, from: string, now: number): Outcome {
      const decision = decide(state, { generation, issuedAt: 0, by: from }, now, POLICY);
      if (decision.kind === 'refuse') return { ok: false, reason: decision.reason };
      if (decision.kind === 'reuse') {
        state = { ...state, endedAt: now };
        return { ok: false, reason: 'reused' };
      }
      if (decision.kind === 'repeat_late') elsewhere++;
      if (decision.kind !== 'keep') state = decision.next ?? state;
      return { ok: true, successor: tokenOf(state) };
    },
    /** Whether verify answers 200. */
    verifies: ({ generation }: Token): boolean =>
      state.endedAt === undefined && generation >= state.generation - 1,
  };
}
