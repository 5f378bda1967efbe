/** The codes of errors.ts, read from its source, so that a new one is missed by no page. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Refused } from '../../packages/server/src/errors.ts';

const ROOT = join(import.meta.dirname, '../..');
const source = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** The members of the unions of string literals between two places of a source. */
const literals = (path: string, from: string, to: string) => {
  const [, rest = ''] = source(path).split(from);
  const [part = ''] = rest.split(to);
  return [...part.matchAll(/(?:\bcode: |\| )'([a-z_]+)'/g)].map(([, literal = '']) => literal);
};
const ERRORS = 'packages/server/src/errors.ts';
export const refusalCodes = literals(ERRORS, 'export type Refused', '/** Thrown');
export const fieldCodes = literals(ERRORS, 'export type FieldFault', 'readonly params');
export const reasons = [
  ...literals('packages/verifier/src/errors.ts', 'export type TokenErrorReason', ';'),
  ...literals(ERRORS, 'export type TokenReason', ';'),
];

/** A refusal of this code, with whatever its sentence needs. */
export const sample = (code: string, reason = 'malformed') =>
  ({
    code,
    reason,
    fields: {},
    got: 'list',
    what: code === 'parse_error' ? 'the body is not valid JSON' : 'more than one host header',
    method: 'GET',
    mediaType: 'text/plain',
    limit: 16_384,
    retryAfterSeconds: 1,
  }) as unknown as Refused;
