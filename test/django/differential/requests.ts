/** What a client, a bad client or an attacker may send to the routes that both backends have. */
import { createHmac } from 'node:crypto';
import type { Random } from './random.ts';

export type Question = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
};

export type Known = {
  readonly secret: string;
  readonly email: string;
  readonly password: string;
  readonly access: string;
  readonly refresh: string;
};

const ODD_VALUES: readonly [string, ...string[]] = [
  'null',
  '""',
  '" "',
  '[]',
  '["a"]',
  '{}',
  '{"a":1}',
  '12345678',
  'true',
  '"ünï"',
  '"\\u0000"',
  '"a\\u0000b"',
  '"я@пример.рф"',
  `"${'x'.repeat(300)}"`,
  '"nobody@example.com"',
  '"a.b.c"',
  '"."',
];
const BAD_JSON: readonly [string, ...string[]] = [
  '{',
  '{"a":}',
  "{'a':1}",
  '{"a":1,}',
  'x',
  '"',
  '[1',
];
const NO_OBJECT: readonly [string, ...string[]] = [
  'null',
  '[]',
  '[1]',
  '"text"',
  '1',
  'true',
  '',
  '{}',
];
const METHODS: readonly [string, ...string[]] = ['GET', 'PUT', 'PATCH', 'DELETE'];
const LANGUAGES: readonly [string, ...string[]] = ['en', 'en-US,en;q=0.9', 'fr, en;q=0.5', '*', ''];
const MEDIA_TYPES: readonly [string, ...string[]] = [
  'text/plain',
  'application/xml',
  'application/jsonx',
  'text/html; charset=utf-8',
];

const encoded = (text: string) => Buffer.from(text).toString('base64url');

const signed = (payload: object, secret: string) => {
  const input = `${encoded('{"alg":"HS256","typ":"JWT"}')}.${encoded(JSON.stringify(payload))}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
};

function mutate({ pick }: Random, token: string, secret: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const mutations: readonly [() => string, ...(() => string)[]] = [
    () => token,
    () => `${header}.${payload}`,
    () => `${header}.${payload}.`,
    () => `.${payload}.${signature}`,
    () => `${token}.x`,
    () => `${encoded('{"alg":"none"}')}.${payload}.`,
    () => `${encoded('{"alg":"HS512","typ":"JWT"}')}.${payload}.${signature}`,
    () => `${header}.${payload}.${signature.split('').reverse().join('')}`,
    () => signed(claims, 'x'.repeat(64)),
    () => signed({ ...claims, exp: 1 }, secret),
    () => signed({ ...claims, exp: undefined }, secret),
    () => signed({ ...claims, jti: undefined }, secret),
    () => signed({ ...claims, token_type: 'sliding' }, secret),
    () => signed({ ...claims, nbf: claims.exp + 1000 }, secret),
    () => signed(claims, secret),
  ];
  return pick(mutations)();
}

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  '/api/token': ['email', 'password'],
  '/api/token/verify': ['token'],
  '/api/token/refresh': ['refresh'],
};
const ROUTES: readonly [string, ...string[]] = [
  '/api/token',
  '/api/token/verify',
  '/api/token/refresh',
  '/api/users/me',
];

export function ask(random: Random, known: Known): Question {
  const question = askRoute(random, known);
  return random.chance(0.03) ? { ...question, path: `${question.path}/` } : question;
}

function askRoute(random: Random, known: Known): Question {
  const { pick, chance } = random;
  const path = pick(ROUTES);
  const token = () => mutate(random, chance(0.5) ? known.access : known.refresh, known.secret);
  const language = chance(0.3) ? { 'accept-language': pick(LANGUAGES) } : {};
  if (path === '/api/users/me') {
    const authorization = pick([
      () => ({ authorization: `Bearer ${token()}` }),
      () => ({ authorization: `Bearer ${token()}` }),
      () => ({ authorization: `${chance(0.3) ? 'bEARER' : 'Bearer'} ${token()}` }),
      () => ({
        authorization: pick(['', 'Bearer', 'Bearer a b', 'Basic YTpi', 'Token x', 'Bearer ,']),
      }),
      () => ({}),
    ])();
    const method = chance(0.15) ? pick(['POST', 'PUT', 'PATCH']) : 'GET';
    return { method, path, headers: { ...language, ...authorization }, body: undefined };
  }
  const type = chance(0.1)
    ? pick(MEDIA_TYPES)
    : pick(['application/json', 'application/json; charset=utf-8']);
  const headers = { ...language, 'content-type': type };
  if (chance(0.06)) {
    const method = path === '/api/token/verify' ? 'PUT' : pick(METHODS);
    return { method, path, headers: language, body: undefined };
  }
  if (chance(0.1)) return { method: 'POST', path, headers, body: pick(BAD_JSON) };
  if (chance(0.1)) return { method: 'POST', path, headers, body: pick(NO_OBJECT) };
  const good: Readonly<Record<string, () => string>> = {
    email: () => JSON.stringify(known.email),
    password: () => JSON.stringify(known.password),
    token: () => JSON.stringify(token()),
    refresh: () => JSON.stringify(token()),
  };
  const members = (FIELDS[path] ?? []).flatMap((name) => {
    if (chance(0.1)) return [];
    const value = chance(0.4) ? pick(ODD_VALUES) : (good[name]?.() ?? 'null');
    return [`${JSON.stringify(name)}:${value}`];
  });
  return { method: 'POST', path, headers, body: `{${members.join(',')}}` };
}
