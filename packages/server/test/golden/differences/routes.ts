/** Paths, headers and what is said about them. */
import { type Difference, named } from '../difference.ts';
import { always, byName, fieldRefused, REQUIRED, unrouted } from '../expected.ts';

const ALLOW_OF_VERIFY = 'GET, POST, HEAD, OPTIONS';

export const routes: readonly Difference[] = [
  {
    id: 'trailing-slash',
    title: 'A trailing slash is accepted on every route',
    contract: '§3.6',
    why: "SimpleJWT's own documentation uses `/api/token/`; clients that use either form work.",
    cases: [
      'obtain/trailing-slash',
      ...named('refresh/', 'trailing-slash', 'trailing-slash-GET'),
      'me/trailing-slash',
    ],
    ours: byName({
      'obtain/trailing-slash': { status: 400, body: { email: [REQUIRED], password: [REQUIRED] } },
      'refresh/trailing-slash': fieldRefused('refresh', REQUIRED),
      'refresh/trailing-slash-GET': {
        status: 405,
        body: { detail: 'Method "GET" not allowed.' },
      },
      'me/trailing-slash': {
        status: 401,
        body: { detail: 'Authentication credentials were not provided.' },
      },
    }),
  },
  {
    id: 'not-found-is-json',
    title: 'The response to an unknown path is JSON',
    contract: '§3.6',
    why: 'An API client can read it; Django returns an HTML page.',
    cases: [
      'obtain/path-upper',
      ...named('path/', 'POST /api/users/1', 'POST /api/token/../token', 'GET /%ff'),
      ...named('verify/path-', 'double-slash', 'trailing-newline', 'suffix-space'),
      ...named('refresh/path-', 'upper', 'suffix-space'),
      'register/path-suffix-space',
    ],
    ours: unrouted(404, 'Not found.'),
  },
  {
    id: 'bearer-case',
    title: 'The word `Bearer` is accepted in any case',
    contract: '§3.6, HP14',
    why: 'RFC 9110 §11.1 makes the scheme case-insensitive.',
    cases: ['me/auth-scheme-case-Wrong'],
    ours: always(200, { id: '<int>', email: 'alice@example.com' }),
  },
  {
    id: 'delete-me',
    title: '`DELETE /api/users/me` deletes the account',
    contract: '§3.1',
    why: 'It asks for `current_password` and ends every session. The recorded backend has no such method.',
    cases: ['me/method-DELETE'],
    ours: always(400, { current_password: [REQUIRED] }),
  },
  {
    id: 'forward-auth',
    title: '`GET /api/token/verify` checks the `Authorization` header of a request',
    contract: 'RFC 9110 §11.6.1',
    why: 'Proxies ask this route whether to let a request pass. The recorded backend has no such method.',
    cases: ['verify/method-GET'],
    ours: () => ({
      status: 401,
      body: { detail: 'Authentication credentials were not provided.' },
      allow: ALLOW_OF_VERIFY,
    }),
  },
  {
    id: 'allow-of-verify',
    title: 'A 405 at `/api/token/verify` names `GET` and `HEAD` in `Allow` too',
    contract: 'RFC 9110 §15.5.6',
    why: 'They are supported. Responses to `POST` have the recorded `Allow`.',
    cases: named('verify/method-', 'PUT', 'TRACE', 'PUT-with-body'),
    ours: ({ request }) => ({
      status: 405,
      body: { detail: `Method "${request.method}" not allowed.` },
      allow: ALLOW_OF_VERIFY,
    }),
  },
  {
    id: 'options',
    title: '`OPTIONS` returns a shorter description',
    contract: '§3.5',
    why: "It has the same `Allow` header and our own description, without Django's list of serializer fields; `/api/openapi.json` describes the fields.",
    cases: ['register/method-OPTIONS'],
    ours: always(200, {
      name: 'Register',
      description: 'Creates an account. An address that differs only in case is the same account.',
      renders: ['application/json'],
      parses: ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'],
    }),
  },
];
