/** Properties of every answer, whatever is sent: JSON, no 5xx, and an answer at all. Fixed seed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Answer, forge, goodClaims, type Service, startService } from '../support/service.ts';
import { SESSIONLESS } from './support/refusals.ts';

const SEED = 20260102;
const POSTS = ['/api/token', '/api/token/verify', '/api/token/refresh', '/api/users'] as const;
const FIELDS = ['email', 'password', 'token', 'refresh', '__proto__', 'constructor', 'x'];

const property = <T>(
  numRuns: number,
  arbitrary: fc.Arbitrary<T>,
  check: (value: T) => Promise<void>,
) => fc.assert(fc.asyncProperty(arbitrary, check), { seed: SEED, numRuns });

function assertSound(answer: Answer, sent: unknown): void {
  const shown = JSON.stringify(sent);
  assert.ok(answer.status >= 200 && answer.status < 500, `${answer.status} to ${shown}`);
  assert.equal(answer.headers.get('content-type'), 'application/json', shown);
  assert.equal(typeof answer.body, 'object', shown);
}

async function assertAlive(service: Service): Promise<void> {
  assert.equal((await service.login()).status, 200);
  assert.deepEqual(
    service.log.filter((line) => /"level":(50|60)/.test(line)),
    [],
  );
}

const oddText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    '\0',
    '\ud800',
    '\u2028',
    '\ufeff',
    '__proto__',
    '{{x}}',
    "'--",
    '\u202e',
    'a@b.co',
  ),
);
const oddValue = fc.oneof(
  oddText,
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom(-0, 2 ** 60, Number.MIN_VALUE),
);

test('bodies: any JSON, text or bytes get a JSON response', async (t) => {
  const service = await startService(t);
  await service.register();
  const body = fc.oneof(
    {
      weight: 3,
      arbitrary: fc
        .dictionary(fc.constantFrom(...FIELDS), oddValue)
        .map((it) => JSON.stringify(it)),
    },
    fc.json(),
    oddText,
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  );
  const types = [
    'application/json',
    'application/x-www-form-urlencoded',
    '*/*',
    'text/plain',
    'a/b;c',
  ];
  const request = fc.record({
    path: fc.constantFrom(...POSTS),
    body,
    type: fc.constantFrom(...types),
  });
  await property(350, request, async ({ path, body, type }) => {
    const answer = await service.send(path, {
      method: 'POST',
      headers: { 'content-type': type },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    });
    assertSound(answer, { path, body, type });
  });
  await assertAlive(service);
});

const NAMES = [
  ...[
    'accept',
    'accept-language',
    'accept-encoding',
    'content-type',
    'content-encoding',
    'x-request-id',
  ],
  ...[
    'authorization',
    'cookie',
    'origin',
    'referer',
    'range',
    'if-match',
    'if-none-match',
    'forwarded',
  ],
  ...[
    'x-forwarded-for',
    'x-forwarded-host',
    'x-http-method-override',
    'user-agent',
    'prefer',
    'te',
  ],
];
const headerText = fc.oneof(
  fc
    .string({ unit: 'binary-ascii', maxLength: 200 })
    .map((text) => text.replace(/[^\x20-\x7e]/g, '\xe9')),
  fc.constantFrom(
    'ru;q=0.5,en;q=NaN',
    '*/*;q=-1',
    'application/json;charset=',
    ',,,;;;',
    'bytes=-',
    '"',
  ),
);

test('headers: odd values get a JSON response', async (t) => {
  const service = await startService(t);
  await service.register();
  const { body: pair } = await service.login();
  const request = fc.record({
    headers: fc.dictionary(fc.constantFrom(...NAMES), headerText),
    post: fc.boolean(),
  });
  await property(250, request, async ({ headers, post }) => {
    const init = post ? { method: 'POST', body: JSON.stringify({ token: pair.access }) } : {};
    const path = post ? '/api/token/verify' : '/api/users/me';
    assertSound(await service.send(path, { ...init, headers }), { path, headers });
  });
  await assertAlive(service);
});

/** What a token can be made of: real parts, and what may stand in for them. */
const claimValue = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.double(),
  fc.constantFrom(1, '1', 2, 'access'),
);
const claimNames = [
  'token_type',
  'exp',
  'iat',
  'nbf',
  'jti',
  'user_id',
  'sub',
  'sid',
  'gen',
  'aud',
  'iss',
];
const spoiled = fc.dictionary(fc.constantFrom(...claimNames), claimValue);
const header = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ alg: 'HS256', typ: 'JWT' }) },
  fc.dictionary(fc.constantFrom('alg', 'typ', 'kid', 'crit', 'b64', 'jku', 'cty'), claimValue),
  fc.jsonValue({ maxDepth: 2 }),
);

test('tokens: signed nonsense gets 200 or 401, never 5xx', async (t) => {
  const service = await startService(t, SESSIONLESS);
  await service.register();
  const now = service.clock.now();
  const token = fc.record({ header, claims: spoiled, type: fc.constantFrom('access', 'refresh') });
  await property(150, token, async ({ header, claims, type }) => {
    const payload = { ...goodClaims(now, 1, type === 'access' ? 'access' : 'refresh'), ...claims };
    const forged = forge({ header, payload });
    for (const answer of [
      await service.verify(forged),
      await service.refresh(forged),
      await service.me(forged),
    ]) {
      assertSound(answer, { header, payload });
      assert.ok(
        [200, 401].includes(answer.status),
        `${answer.status}: ${JSON.stringify({ header, payload })}`,
      );
    }
  });
  await assertAlive(service);
});

test('tokens: no modified token is accepted', async (t) => {
  const service = await startService(t);
  await service.register();
  const { body: pair } = await service.login();
  const { access } = pair as { access: string };
  const character = fc.oneof(
    fc.constantFrom(...'AZaz09-_.=+/ '),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  );
  const change = fc.record({
    at: fc.nat(access.length - 1),
    remove: fc.nat(3),
    insert: fc.array(character, { maxLength: 3 }).map((parts) => parts.join('')),
  });
  await property(250, change, async ({ at, remove, insert }) => {
    const changed = access.slice(0, at) + insert + access.slice(at + remove);
    const answer = await service.verify(changed);
    assertSound(answer, changed);
    // A NUL is a fault of the field, before the token is looked at.
    const expected = changed === access ? 200 : changed.includes('\0') ? 400 : 401;
    assert.equal(answer.status, expected, changed);
  });
  await assertAlive(service);
});
