/** The classes of responses that may differ from SimpleJWT's, each documented. */
import type { Question } from './requests.ts';

export type Answer = {
  readonly status: number;
  readonly type: string | undefined;
  readonly challenge: string | undefined;
  readonly allow: string | undefined;
  readonly body: unknown;
};

export type Class = {
  /** A phrase of docs/differences-from-simplejwt.md. */
  readonly documented: string;
  readonly holds: (asked: Question, django: Answer, ours: Answer) => boolean;
};

const says = ({ body }: Answer, member: string): unknown =>
  typeof body === 'object' && body !== null ? Reflect.get(body, member) : undefined;

const isParseError = (answer: Answer) =>
  answer.status === 400 && String(says(answer, 'detail')).startsWith('JSON parse error - ');

const refused = (answer: Answer, detail: string) =>
  answer.status === 401 &&
  answer.challenge === 'Bearer realm="api"' &&
  says(answer, 'code') === 'token_not_valid' &&
  says(answer, 'detail') === detail;

const hasNumber = (body = '') => /:(?:12345678|true)[,}]/.test(body);

export const CLASSES: readonly Class[] = [
  {
    documented: 'The words after `JSON parse error - ` are ours',
    holds: (_, django, ours) => isParseError(django) && isParseError(ours),
  },
  {
    documented: 'A 405 at `/api/token/verify` names `GET` and `HEAD` in `Allow` too',
    holds: ({ path }, django, ours) =>
      path === '/api/token/verify' &&
      django.status === 405 &&
      ours.allow === 'GET, POST, HEAD, OPTIONS' &&
      JSON.stringify({ ...ours, allow: django.allow }) === JSON.stringify(django),
  },
  {
    documented: 'every other type is refused with `Token has wrong type`',
    holds: ({ path }, django, ours) =>
      path === '/api/token/verify' &&
      django.status === 200 &&
      refused(ours, 'Token has wrong type'),
  },
  {
    documented: 'A token without `jti` is refused at refresh',
    holds: ({ path }, django, ours) =>
      path === '/api/token/refresh' && django.status === 500 && refused(ours, 'Token has no id'),
  },
  {
    documented: 'A trailing slash is accepted on every route',
    holds: ({ path }, django, ours) =>
      path.endsWith('/') &&
      django.status === 404 &&
      [200, 400, 401, 405, 415].includes(ours.status),
  },
  {
    documented: 'A string field must be a JSON string',
    holds: ({ body }, django, ours) =>
      hasNumber(body) &&
      [400, 401].includes(django.status) &&
      ours.status === 400 &&
      JSON.stringify(ours.body).includes('["Not a valid string."]'),
  },
  {
    documented: 'The word `Bearer` is accepted in any case',
    holds: ({ headers }, django, ours) =>
      Boolean(headers['authorization']?.startsWith('bEARER ')) &&
      django.status === 401 &&
      [200, 401, 405].includes(ours.status),
  },
];

/** Where SimpleJWT 5.5 differs from 5.2, which Gatepass follows. */
export const NEWER: readonly Class[] = [
  {
    documented: '5.5 says `Token is invalid` or `Token is expired`',
    holds: (_, django, ours) =>
      django.status === 401 &&
      ours.status === 401 &&
      says(ours, 'code') === 'token_not_valid' &&
      JSON.stringify(django).replace(
        /"Token is (?:invalid|expired)"/g,
        '"Token is invalid or expired"',
      ) === JSON.stringify(ours),
  },
];
