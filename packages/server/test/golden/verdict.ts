/** Compares our response with the recorded one, or with the difference that explains it. */
import { isDeepStrictEqual } from 'node:util';
import type { Difference } from './difference.ts';
import { differences } from './differences.ts';
import { answerOf, recordedAnswer } from './expected.ts';
import { reasonOf, withoutReason } from './replay.ts';
import type { Answer, GoldenCase } from './sample.ts';

export type Verdict =
  | { readonly kind: 'equal' }
  | { readonly kind: 'different'; readonly id: string }
  | { readonly kind: 'fault'; readonly fault: string };

/** The reason in an answer that is otherwise as recorded, where it is what the case is about. */
const REASONS: Readonly<Record<string, string>> = { 'rotate/reuse-old': 'reused' };

export const differencesOf = ({ name }: GoldenCase): readonly Difference[] =>
  differences.filter(({ cases }) => cases.includes(name));

export function judge(golden: GoldenCase, ours: Answer): Verdict {
  const fault = (what: string, expected: unknown): Verdict => ({
    kind: 'fault',
    fault: `${golden.name} (${golden.mode}) ${what}\n  ours:     ${JSON.stringify(ours)}\n  expected: ${JSON.stringify(expected)}`,
  });
  const [difference, other] = differencesOf(golden);
  if (other) return fault(`is in two differences: ${difference?.id} and ${other.id}`, undefined);
  if (hasStrayReason(ours))
    return fault('carries a reason where it should not, or none', undefined);
  const reason = REASONS[golden.name];
  if (reason && reasonOf(ours) !== reason) return fault('has another reason', reason);
  const recorded = recordedAnswer(golden);
  const equal = isSame(withoutReason(ours), recorded);
  if (!difference)
    return equal ? { kind: 'equal' } : fault('is not as SimpleJWT answers', recorded);
  if (equal) return fault(`is as SimpleJWT answers, yet in "${difference.id}"`, recorded);
  const expected = answerOf(golden, difference.ours(golden));
  return isSame(ours, expected)
    ? { kind: 'different', id: difference.id }
    : fault(`is not as "${difference.id}" says`, expected);
}

/** Bodies are compared as text: the order of their members is part of the contract. */
const isSame = (a: Answer, b: Answer) =>
  a.status === b.status &&
  isDeepStrictEqual(a.headers, b.headers) &&
  JSON.stringify(a.norm) === JSON.stringify(b.norm);

function hasStrayReason(answer: Answer): boolean {
  const isTokenError = JSON.stringify(answer.norm).includes('"code":"token_not_valid"');
  return isTokenError !== (typeof reasonOf(answer) === 'string');
}
