/** Where SimpleJWT 5.5 answers otherwise than 5.2.2, as test/django/recordings.test.ts records it. */
import { readFileSync } from 'node:fs';
import { answerOf, recordedAnswer } from './expected.ts';
import { type Answer, type GoldenCase, goldenCases } from './sample.ts';
import { differencesOf } from './verdict.ts';

const file = new URL('simplejwt-5.5.json', import.meta.url);
const recordings: {
  readonly about: string;
  /** By `MODE NAME`. */
  readonly answers: Readonly<Record<string, Answer>>;
} = JSON.parse(readFileSync(file, 'utf8'));

export const { about } = recordings;

/** Cases that the two versions answer in the same two ways, and ours. */
type Change = {
  readonly was: string;
  readonly is: string;
  readonly ours: string;
  readonly names: readonly string[];
};

const oursTo = (golden: GoldenCase): Answer => {
  const [difference] = differencesOf(golden);
  return difference ? answerOf(golden, difference.ours(golden)) : recordedAnswer(golden);
};

export const changes = (): readonly Change[] => {
  const changed = goldenCases.flatMap((golden) => {
    const answer = recordings.answers[`${golden.mode} ${golden.name}`];
    if (!answer) return [];
    const [was, is, ours] = [golden.response, answer, oursTo(golden)].map(told);
    return [{ was: was ?? '', is: is ?? '', ours: ours ?? '', name: golden.name }];
  });
  const groups = Map.groupBy(changed, ({ was, is, ours }) => JSON.stringify([was, is, ours]));
  return [...groups.values()]
    .flatMap((group) => {
      const [first] = group;
      return first ? [{ ...first, names: [...new Set(group.map(({ name }) => name))] }] : [];
    })
    .toSorted((a, b) => b.names.length - a.names.length);
};

/** Those that are recorded and are in no sample. */
export const strangers = (): string[] => {
  const known = new Set(goldenCases.map(({ mode, name }) => `${mode} ${name}`));
  return Object.keys(recordings.answers).filter((key) => !known.has(key));
};

type Refused = {
  readonly detail: string;
  /** Of a Bearer route: what is wrong with the token. */
  readonly messages: readonly { readonly message: string }[];
};

/** Status and words. */
function told({ status, norm }: Answer): string {
  if (typeof norm !== 'object' || norm === null) return `${status}`;
  const { detail, messages = [] } = norm as Partial<Refused>;
  if (detail !== undefined) return `${status} ${messages.at(0)?.message ?? detail}`;
  const text = JSON.stringify(norm).replace(/"reason":"\w+",?/, '');
  return text === '{}' || text.includes('<jwt>') ? `${status}` : `${status} ${text.slice(0, 80)}`;
}
