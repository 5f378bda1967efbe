/**
 * Records what a SimpleJWT answers to the requests of the golden sample, where that is not what 5.2.2
 * answered (recordings.test.ts).
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { normalise } from '../../packages/server/test/golden/replay.ts';
import { requestOf } from '../../packages/server/test/golden/request.ts';
import {
  type Answer,
  type GoldenCase,
  goldenCases,
  type Mode,
} from '../../packages/server/test/golden/sample.ts';
import type { Pair, TokenContext } from '../../packages/server/test/golden/tokens.ts';
import { exchange } from '../../packages/server/test/golden/wire.ts';
import { workDirectory } from '../../packages/server/test/support/databases.ts';
import { PASSWORD, SECRET } from '../../packages/server/test/support/service.ts';
import { type Stack, startDjango } from './django.ts';
import { logIn } from './moving.ts';

export type Recordings = {
  readonly about: string;
  /** By `MODE NAME`. */
  readonly answers: Readonly<Record<string, Answer>>;
};

export const keyOf = ({ mode, name }: GoldenCase): string => `${mode} ${name}`;

const NAMES = ['alice', 'mixed', 'inactive', 'gone', 'chpw'];
const NEW_PASSWORD = 'another horse 8 battery';
const MAKE = `
import json, os
from accounts.models import User
for address in json.loads(os.environ["ADDRESSES"]):
    User.objects.create_user(username=address, email=address, password=os.environ["PASSWORD"])
print(json.dumps({user.email.split("@")[0].lower(): user.pk for user in User.objects.all()}))`;
const STATES: Readonly<Record<string, string>> = {
  inactive: 'User.objects.filter(email__startswith="inactive").update(is_active=False)',
  reactivated: 'User.objects.filter(email__startswith="inactive").update(is_active=True)',
  deleted: 'User.objects.filter(email__startswith="gone").delete()',
  'deleted-reregistered':
    'User.objects.create_user(username="gone", email="gone@example.com", password="x")',
  pwchange: `u = User.objects.get(email__startswith="chpw"); u.set_password("${NEW_PASSWORD}"); u.save()`,
};
/** Django's own routes: registration is the application's, whatever its SimpleJWT. */
const isRecorded = ({ request: { method, path } }: GoldenCase) =>
  // What a server does with the body of a response to HEAD is its own matter.
  method !== 'HEAD' && !/^\/api\/users\/?$/.test(path.split('?')[0] ?? '');

async function recordMode(t: TestContext, stack: Stack, mode: Mode) {
  const directory = await workDirectory(t);
  const variables = {
    DJANGO_HASHERS: 'MD5',
    DJANGO_ROTATE: String(mode === 'rotate'),
    DJANGO_EMPTY: '1',
  };
  const django = await startDjango(t, join(directory, 'db.sqlite3'), SECRET, variables, stack);
  const shell = (script: string, env: Record<string, string> = {}) => {
    const { code, stdout, stderr } = django.shell(script, env);
    if (code !== 0) throw new Error(stderr);
    return stdout;
  };
  const addresses = [
    'alice@example.com',
    'Mixed@example.com',
    ...NAMES.slice(2).map((name) => `${name}@example.com`),
  ];
  const made = shell(MAKE, { ADDRESSES: JSON.stringify(addresses), PASSWORD });
  const ids = new Map<string, number>(
    Object.entries(JSON.parse(made.trim().split('\n').at(-1) ?? '{}')),
  );
  const pairs = new Map<string, Pair>();
  for (const [i, name] of NAMES.entries())
    pairs.set(name, await logIn(django.url, addresses[i] ?? '', PASSWORD));
  let reached: string | undefined;
  const answers: [GoldenCase, Answer][] = [];
  for (const golden of goldenCases.filter((each) => each.mode === mode && isRecorded(each))) {
    const state = Object.keys(STATES)
      .filter((each) => golden.name.startsWith(`state/${each}-`))
      .sort((a, b) => b.length - a.length)[0];
    if (state !== undefined && state !== reached)
      shell(`from accounts.models import User\n${STATES[state]}`);
    reached = state ?? reached;
    const context: TokenContext = { now: Math.floor(Date.now() / 1000), ids, pairs };
    if (golden.name === 'rotate/reuse-old')
      await spend(django.url, pairs.get('alice')?.refresh ?? '');
    answers.push([golden, normalise(await exchange(requestOf(golden, context, django.port)))]);
  }
  return answers;
}

async function spend(url: string, refresh: string): Promise<void> {
  await fetch(`${url}/api/token/refresh`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refresh }),
  });
}

/** Python's words about where JSON breaks depend on how long a token is. */
const isParseError = ({ norm }: Answer) => JSON.stringify(norm).includes('JSON parse error');

/** Of headers, the one that SimpleJWT itself decides. */
const isSame = (a: Answer, b: Answer) =>
  a.status === b.status &&
  (isDeepStrictEqual(a.norm, b.norm) || (isParseError(a) && isParseError(b))) &&
  a.headers['www-authenticate'] === b.headers['www-authenticate'];

const VERSIONS = `import django, rest_framework, rest_framework_simplejwt, jwt
print(rest_framework_simplejwt.__version__, django.__version__, rest_framework.__version__, jwt.__version__)`;

/** Where this stack answers otherwise than 5.2.2. */
export async function record(t: TestContext, stack: Stack): Promise<Recordings> {
  const [own, django, drf, jwt] = execFileSync(stack.python, ['-c', VERSIONS], { encoding: 'utf8' })
    .trim()
    .split(' ');
  const answers: [string, Answer][] = [];
  for (const mode of ['default', 'rotate'] as const)
    for (const [golden, answer] of await recordMode(t, stack, mode))
      if (!isSame(answer, golden.response)) answers.push([keyOf(golden), answer]);
  return {
    about: `Where SimpleJWT ${own} (Django ${django}, DRF ${drf}, PyJWT ${jwt}) responds differently from 5.2.2. Made by test/django/record.ts.`,
    answers: Object.fromEntries(answers.sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

export const FILE = new URL(
  '../../packages/server/test/golden/simplejwt-5.5.json',
  import.meta.url,
);

export const recorded = (): Recordings => JSON.parse(readFileSync(FILE, 'utf8'));

export const write = (recordings: Recordings): void =>
  writeFileSync(FILE, `${JSON.stringify(recordings, undefined, 1)}\n`);
