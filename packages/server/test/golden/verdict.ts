/** Compares an answer of ours with the recorded one, or with the difference that explains it. */
import { isDeepStrictEqual } from 'node:util';
import type { Difference } from './difference.ts';
import { differences } from './differences.ts';
import { answerOf } from './expected.ts';
import { reasonOf, withoutReason } from './replay.ts';
import type { Answer, GoldenCase } from './sample.ts';

export type Verdict =
  | { readonly kind: 'equal' }
  | { readonly kind: 'different'; readonly id: string }
  | { readonly kind: 'fault'; readonly fault: string };

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
  const equal = isSame(withoutReason(ours), golden.response);
  if (!difference)
    return equal ? { kind: 'equal' } : fault('is not as SimpleJWT answers', golden.response);
  if (equal) return fault(`is as SimpleJWT answers, yet in "${difference.id}"`, golden.response);
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
