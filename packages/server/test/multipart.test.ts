/** `multipart/form-data`: text fields as Django reads them, anything malformed refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PASSWORD, type Service, startService } from './support/service.ts';

const BOUNDARY = 'XbX';
const TYPE = `multipart/form-data; boundary=${BOUNDARY}`;
const EMAIL = 'alice@example.com';
const REQUIRED = ['This field is required.'];
const NOT_A_STRING = ['Not a valid string.'];
const MALFORMED = { detail: 'Multipart form parse error - the body is malformed' };

const part = (disposition: string, value: string, more = '') =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; ${disposition}\r\n${more}\r\n${value}\r\n`;
const field = (name: string, value: string) => part(`name="${name}"`, value);
const END = `--${BOUNDARY}--\r\n`;
const GOOD = field('email', EMAIL) + field('password', PASSWORD) + END;

const login = ({ post }: Service, body: string, type = TYPE) =>
  post('/api/token', body, { 'content-type': type });

test('a browser’s FormData and multipart of other programs log in', async (t) => {
  const service = await startService(t);
  await service.register();
  const form = new FormData();
  form.set('email', EMAIL);
  form.set('password', PASSWORD);
  const answer = await service.send('/api/token', { method: 'POST', body: form });
  assert.deepEqual(Object.keys(answer.body), ['refresh', 'access']);
  const spellings = {
    'as it is': GOOD,
    'without the last line end': GOOD.slice(0, -2),
    'with a type and a length of each part': GOOD.replaceAll(
      /(form-data; .*\r\n)/g,
      '$1Content-Type: text/plain; charset=US-ASCII\r\nContent-Transfer-Encoding: 8bit\r\nContent-Length: 17\r\n',
    ),
    'of two values the last': field('email', 'x') + GOOD,
    'beside other fields and files': part('name="photo"; filename="x.png"', '\xff\xd8\0') + GOOD,
  };
  for (const [name, body] of Object.entries(spellings))
    assert.equal((await login(service, body)).status, 200, name);
  const types = [`Multipart/Form-Data; Boundary="${BOUNDARY}"`, `${TYPE}; charset=utf-8`];
  for (const type of types) assert.equal((await login(service, GOOD, type)).status, 200, type);
  const { access } = answer.body;
  const verified = await service.post('/api/token/verify', field('token', access) + END, {
    'content-type': TYPE,
  });
  assert.equal(verified.text, '{}');
});

test('faults of fields are the same as in other bodies', async (t) => {
  const service = await startService(t);
  const password = field('password', PASSWORD);
  const file = part('name="email"; filename="x.txt"', EMAIL, 'Content-Type: text/plain\r\n');
  const none = part('name="email"; filename=""', '', 'Content-Type: application/octet-stream\r\n');
  const cases: [string, string, object][] = [
    ['no field', END, { email: REQUIRED, password: REQUIRED }],
    [
      'blank',
      `${field('email', ' ')}${password}${END}`,
      { email: ['This field may not be blank.'] },
    ],
    [
      'NUL',
      `${field('email', 'a\0')}${password}${END}`,
      { email: ['Null characters are not allowed.'] },
    ],
    ['a file', `${file}${password}${END}`, { email: NOT_A_STRING }],
    [
      'a file beside a text',
      `${file}${field('email', EMAIL)}${password}${END}`,
      { email: NOT_A_STRING },
    ],
    ['an empty file input', `${none}${password}${END}`, { email: REQUIRED }],
  ];
  for (const [name, body, expected] of cases) {
    const answer = await login(service, body);
    assert.equal(answer.status, 400, name);
    assert.deepEqual(answer.body, expected, name);
  }
});

test('text is taken exactly as sent, and only UTF-8 is text', async (t) => {
  const service = await startService(t);
  const password = '  пароль\r\nwith a line end ';
  await service.register(EMAIL, password);
  const body = field('email', EMAIL) + field('password', password) + END;
  assert.equal((await login(service, body)).status, 200);
  const invalid = Buffer.from(body.replace('пароль', 'p\xe4ss'), 'latin1');
  const answer = await service.send('/api/token', {
    method: 'POST',
    headers: { 'content-type': TYPE },
    body: invalid,
  });
  assert.equal(answer.status, 400);
  assert.deepEqual(answer.body, {
    detail: 'Multipart form parse error - the body is not valid UTF-8',
  });
});

test('malformed multipart is 400 with the message of Django REST Framework, and leaves nothing behind', async (t) => {
  const service = await startService(t);
  await service.register();
  const bodies = {
    'no end': field('email', EMAIL) + field('password', PASSWORD),
    'line feeds': GOOD.replaceAll('\r\n', '\n'),
    'a part without a name': part('size="email"', EMAIL) + END,
    'a part without headers': `--${BOUNDARY}\r\n\r\n${EMAIL}\r\n${END}`,
    'headers without end': `--${BOUNDARY}\r\nContent-Disposition: form-data; name="email"`,
    'another boundary': GOOD.replaceAll(BOUNDARY, 'other'),
    'too many fields': field('x', '').repeat(200) + GOOD,
    'too many parameters': GOOD.replace('form-data;', `form-data;${' a=b;'.repeat(300)}`),
    JSON: JSON.stringify({ email: EMAIL, password: PASSWORD }),
  };
  for (const [name, body] of Object.entries(bodies)) {
    const answer = await login(service, body);
    assert.equal(answer.status, 400, name);
    assert.deepEqual(answer.body, MALFORMED, name);
  }
  assert.deepEqual((await login(service, GOOD, 'multipart/form-data')).body, {
    detail: 'Multipart form parse error - Invalid boundary in multipart: None',
  });
  const russian = await service.post('/api/token', 'x', {
    'content-type': TYPE,
    'accept-language': 'ru',
  });
  assert.match(russian.body.detail, /^Ошибка разбора multipart-формы - /);
  for (const type of ['multipart/mixed; boundary=x', 'multipart/', `${TYPE}; charset=utf-16`])
    assert.equal((await login(service, GOOD, type)).status, 415, type);
  assert.equal((await login(service, 'x'.repeat(17_000))).status, 413);
  assert.equal((await login(service, '')).status, 400);
});

test('HP18 hostile multipart is refused or read without a 500', async (t) => {
  const service = await startService(t);
  const pieces = fc.constantFrom(
    ...[
      '\r\n',
      '\n',
      '--',
      BOUNDARY,
      `--${BOUNDARY}`,
      END,
      '\r\n\r\n',
      '"',
      ';',
      ':',
      '\0',
      '\xff',
    ],
    ...['Content-Disposition: form-data', '; name="email"', '; name="__proto__"', '; filename="x"'],
    ...["; filename*=UTF-8''%ff", 'Content-Transfer-Encoding: base64\r\n', 'Content-Type: a/b\r\n'],
    ...[field('email', EMAIL), field('password', 'x'), part('name="email"', '/w==')],
  );
  const bodies = fc.array(pieces, { maxLength: 40 }).map((all) => all.join(''));
  const types = fc.constantFrom(
    TYPE,
    `${TYPE};`,
    'multipart/form-data; boundary=',
    'multipart/form-data;boundary="--"',
  );
  await fc.assert(
    fc.asyncProperty(bodies, types, async (body, type) => {
      const { status, text } = await login(service, body, type);
      assert.ok([400, 401].includes(status), `${status} ${text}`);
    }),
    { numRuns: 300, seed: 1 },
  );
  assert.equal(({} as { email?: unknown }).email, undefined);
  assert.ok(!service.log.some((line) => line.includes('request failed')));
  assert.equal((await service.send('/healthz')).status, 200);
});
