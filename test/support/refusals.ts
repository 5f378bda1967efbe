/** The codes of errors.ts, read from its source, so that a new one is missed by no page. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Refused } from '../../packages/server/src/errors.ts';
import { type MessageKey, say } from '../../packages/server/src/http/response/messages.ts';
import { responseTo } from '../../packages/server/src/http/response/refusals.ts';

const ROOT = join(import.meta.dirname, '../..');
const source = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** The members of the unions of string literals between two places of a source. */
const literals = (path: string, from: string, to: string) => {
  const [, rest = ''] = source(path).split(from);
  const [part = ''] = rest.split(to);
  return [...part.matchAll(/(?:\bcode: |\| )'([a-z_]+)'/g)].map(([, literal = '']) => literal);
};
const ERRORS = 'packages/server/src/errors.ts';
const refusalCodes = literals(ERRORS, 'export type Refused', '/** Thrown');
const fieldCodes = literals(ERRORS, 'export type FieldFault', 'readonly params');
const reasons = [
  ...literals('packages/verifier/src/errors.ts', 'export type TokenErrorReason', ';'),
  ...literals(ERRORS, 'export type TokenReason', ';'),
];

const WHAT: Readonly<Record<string, string>> = {
  parse_error: 'the body is not valid JSON',
  multipart_parse_error: 'the body is malformed',
};

/** A refusal of this code, with whatever its sentence needs. */
const sample = (code: string, reason = 'malformed') =>
  ({
    code,
    reason,
    fields: {},
    got: 'list',
    what: WHAT[code] ?? 'more than one host header',
    method: 'GET',
    mediaType: 'text/plain',
    limit: 16_384,
    retryAfterSeconds: 540,
  }) as unknown as Refused;

const detailOf = (refused: Refused, language: 'en' | 'ru' = 'en') =>
  (responseTo(refused, language).body as { detail?: string }).detail;

/** Every `detail` that the service can say, in both languages. */
export function allDetails(): Set<string | undefined> {
  const refused = [
    ...refusalCodes.map((code) => sample(code)),
    ...reasons.map((reason) => sample('token_not_valid', reason)),
  ];
  return new Set(
    (['en', 'ru'] as const).flatMap((language) => [
      say(language, 'internal'),
      ...refused.map((each) => detailOf(each, language)),
    ]),
  );
}

/** What docs/errors.md must say: code → status, code → sentence, reason → sentence. */
export const statuses = refusalCodes.map((code) => [code, responseTo(sample(code), 'en').status]);
export const fieldSentences = fieldCodes.map((code) => [
  code,
  say('en', code as MessageKey, { min: 8, max: 128, value: 'x' }),
]);
export const reasonSentences = reasons.map((reason) => [
  reason,
  detailOf(sample('token_not_valid', reason)),
]);
