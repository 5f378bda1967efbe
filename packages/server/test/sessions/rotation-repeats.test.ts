/** The pure decision about a refresh token that was spent, from its client and from elsewhere. */
import { MAX_LATE_STREAK } from '../../src/sessions/rotation.ts';
import {
  type Case,
  decides,
  given,
  marked,
  ROTATED,
  repeat,
  reuse,
} from './support/decision-cases.ts';
import { HOUR, MINUTE } from './support/holder.ts';

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

decides('predecessor', predecessors);
