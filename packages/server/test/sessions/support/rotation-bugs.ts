/** Rotation decisions with a planted bug, and the property that each must break. */
import {
  type Decision,
  decideRotation,
  MAX_LATE_STREAK,
  SPENT_AFTER_MS,
} from '../../../src/sessions/rotation.ts';
import type { Decide } from './rotation-model.ts';
import type { PropertyName } from './rotation-properties.ts';

type Bug = { readonly what: string; readonly breaks: PropertyName; readonly decide: Decide };

const LONG_AGO = Number.NEGATIVE_INFINITY;

/** The rule of decision 016: the newest is always spent, and only lateness counts. */
const ruleOf016: Decide = (state, presented, now, policy) => {
  const { generation, rotatedAt } = state;
  const aged = { ...state, rotatedAt: LONG_AGO, givenTo: '' };
  if (presented.generation === generation) return decideRotation(aged, presented, now, policy);
  if (presented.generation !== generation - 1) return { kind: 'reuse' };
  if (now - rotatedAt <= SPENT_AFTER_MS) return { kind: 'repeat' };
  return decideRotation(state, { ...presented, by: 'late' }, now, policy);
};

/** Changes what the decision sees. */
const seeing =
  (change: (...seen: Parameters<Decide>) => Partial<Parameters<Decide>[0 | 1]>): Decide =>
  (...seen) => {
    const [state, presented, now, policy] = seen;
    const changed = change(...seen);
    const decision = decideRotation(
      { ...state, ...changed },
      { ...presented, ...changed, generation: presented.generation },
      now,
      policy,
    );
    return decision;
  };

/** Changes what is decided. */
const deciding =
  (change: (decision: Decision, ...seen: Parameters<Decide>) => Decision): Decide =>
  (...seen) =>
    change(decideRotation(...seen), ...seen);

export const bugs: readonly Bug[] = [
  { what: 'the rule of decision 016', breaks: 'burstsLive', decide: ruleOf016 },
  { what: 'the rule of decision 016', breaks: 'burstsMoveOnce', decide: ruleOf016 },
  { what: 'the rule of decision 016', breaks: 'renderedLive', decide: ruleOf016 },
  { what: 'the rule of decision 016', breaks: 'pollersEnd', decide: ruleOf016 },
  {
    what: 'a token that was given again is spent at once',
    breaks: 'burstsLive',
    decide: seeing(() => ({ givenTo: '' })),
  },
  {
    what: 'the same, seen by tabs',
    breaks: 'tabsLive',
    decide: seeing(() => ({ givenTo: '' })),
  },
  {
    what: 'the newest token is never spent',
    breaks: 'sessionsMove',
    decide: deciding((decision, { generation }) =>
      decision.kind === 'rotate' && generation > 0 ? { kind: 'keep' } : decision,
    ),
  },
  {
    what: 'a late repeat of the same client counts',
    breaks: 'renderedLive',
    decide: seeing(({ rotatedAt }, { by }, now) => ({
      by: now - rotatedAt > SPENT_AFTER_MS ? `${by}, late` : by,
    })),
  },
  {
    what: 'a repeat from elsewhere is free for 10 s',
    breaks: 'pollersEnd',
    decide: seeing(({ rotatedAt, rotatedBy }, { generation, by }, now) => ({
      by: generation > 0 && now - rotatedAt <= SPENT_AFTER_MS ? rotatedBy : by,
    })),
  },
  {
    what: 'a repeat from elsewhere is free',
    breaks: 'thievesEnd',
    decide: (state, presented, now, policy) => {
      const isOld = presented.generation < state.generation;
      const by = isOld ? state.rotatedBy : presented.by;
      return decideRotation(state, { ...presented, by }, now, policy);
    },
  },
  {
    what: 'the row forgets how many generations in a row were late',
    breaks: 'thievesEnd',
    decide: seeing(() => ({ lateStreak: 0 })),
  },
  {
    what: 'a generation counts as often as its old token comes',
    breaks: 'phonesLive',
    decide: deciding((decision, state, { by }) => {
      if (decision.kind !== 'repeat' || by === state.rotatedBy) return decision;
      const lateStreak = state.lateStreak + 1;
      if (lateStreak > MAX_LATE_STREAK) return { kind: 'reuse' };
      return { kind: 'repeat_late', next: { ...state, lateStreak } };
    }),
  },
  {
    what: 'a token of two generations ago is answered',
    breaks: 'oldTokensEnd',
    decide: deciding((decision, state, { generation }) =>
      decision.kind === 'reuse' && generation < state.generation - 1
        ? { kind: 'repeat' }
        : decision,
    ),
  },
  {
    what: 'reuse refuses, and the session goes on',
    breaks: 'oldTokensEnd',
    decide: deciding((decision) =>
      decision.kind === 'reuse' ? { kind: 'refuse', reason: 'revoked' } : decision,
    ),
  },
  {
    what: 'a repeat is another successor',
    breaks: 'oneSuccessor',
    decide: deciding((decision, state, _presented, now) =>
      decision.kind === 'repeat'
        ? { kind: 'repeat', next: { ...state, rotatedAt: now } }
        : decision,
    ),
  },
];
