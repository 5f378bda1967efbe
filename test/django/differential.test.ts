/**
 * Random requests, from a seed, to a real SimpleJWT and to Gatepass. A response that differs must
 * be of a class that differential/classes.ts names, and every class must occur. Longer:
 * DIFFERENTIAL="SEED REQUESTS" node --test test/django/differential.test.ts
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { DOCUMENT } from '../../packages/server/test/golden/document.ts';
import { exchange } from '../../packages/server/test/golden/wire.ts';
import { post, startProcess, workDirectory } from '../../packages/server/test/support/process.ts';
import { type Answer, CLASSES, type Class, NEWER } from './differential/classes.ts';
import { createRandom } from './differential/random.ts';
import { ask, type Question } from './differential/requests.ts';
import { DEBIAN, NEWEST, type Stack, startDjango } from './django.ts';

const [SEED = 1, REQUESTS = 400] = (process.env['DIFFERENTIAL'] ?? '')
  .split(' ')
  .filter(Boolean)
  .map(Number);

const JWT = /^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{43}$/;

/** The tokens differ, and `reason` is an addition of ours. */
const masked = (text: string): unknown =>
  JSON.parse(text, (key, value) => {
    if (key === 'reason') return undefined;
    return typeof value === 'string' && JWT.test(value) ? '<jwt>' : value;
  });

async function answer(port: number, { method, path, headers, body }: Question): Promise<Answer> {
  const raw = await exchange({
    port,
    method,
    path,
    headers: Object.entries(headers).map(([name, value]) => [name, Buffer.from(value)]),
    body: body === undefined ? undefined : Buffer.from(body),
    chunked: false,
  });
  const allow = raw.headers.get('allow');
  return {
    status: raw.status,
    type: raw.headers.get('content-type'),
    challenge: raw.headers.get('www-authenticate'),
    allow: path === '/api/users/me' ? allow?.replace('GET, DELETE,', 'GET,') : allow,
    body: raw.headers.get('content-type') === 'application/json' ? masked(raw.text) : '<html>',
  };
}

const STACKS: readonly (readonly [Stack, readonly Class[]])[] = [
  [DEBIAN, CLASSES],
  [NEWEST, [...NEWER, ...CLASSES]],
];

for (const [stack, all] of STACKS)
  test(`random requests get the responses of the SimpleJWT of ${stack.name}`, {
    skip: stack.missing,
  }, async (t) => {
    const directory = await workDirectory(t);
    const secret = randomBytes(32).toString('hex');
    const database = join(directory, 'db.sqlite3');
    const django = await startDjango(t, database, secret, { DJANGO_HASHERS: 'MD5' }, stack);
    const server = await startProcess(t, directory, {
      GATEPASS_SECRET: secret,
      GATEPASS_ACCEPT_SESSIONLESS_TOKENS: 'true',
    });
    const [[email, password] = ['', '']] = django.users;
    assert.equal((await post(server.url, '/api/users', { email, password }))?.status, 201);
    const pair = (await post(django.url, '/api/token', { email, password }))?.body;
    const known = {
      secret,
      email,
      password,
      access: String(pair?.['access']),
      refresh: String(pair?.['refresh']),
    };
    const random = createRandom(SEED);
    const port = Number(new URL(server.url).port);
    const seen = new Set<string>();
    const faults: string[] = [];
    const statuses = new Map<number, number>();
    for (let count = 0; count < REQUESTS; count++) {
      const question = ask(random, known);
      const [theirs, ours] = await Promise.all([
        answer(django.port, question),
        answer(port, question),
      ]);
      statuses.set(theirs.status, (statuses.get(theirs.status) ?? 0) + 1);
      if (JSON.stringify(theirs) === JSON.stringify(ours)) continue;
      const named = all.find(({ holds }) => holds(question, theirs, ours));
      if (named) seen.add(named.documented);
      else
        faults.push(
          `${JSON.stringify(question)}\n  SimpleJWT: ${JSON.stringify(theirs)}\n  Gatepass:  ${JSON.stringify(ours)}`,
        );
    }
    t.diagnostic(
      `seed ${SEED}: ${[...statuses].map(([code, times]) => `${times} × ${code}`).join(', ')}`,
    );
    for (const status of [200, 400, 401, 405, 415]) assert.ok(statuses.has(status), `${status}`);
    assert.equal(
      faults.length,
      0,
      `seed ${SEED}, ${faults.length} differ:\n${faults.slice(0, 60).join('\n')}`,
    );
    const classes = all.map(({ documented }) => documented);
    assert.deepEqual(
      classes.filter((each) => !seen.has(each)),
      [],
      'classes of differences that do not occur',
    );
  });

test('every class is in the document of differences', async () => {
  const text = await readFile(DOCUMENT, 'utf8');
  assert.deepEqual(
    [...CLASSES, ...NEWER].filter(({ documented }) => !text.includes(documented)),
    [],
  );
});
