/** Answers of Django REST Framework found by asking it and Gatepass side by side. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startService } from './support/service.ts';

const REQUIRED = ['This field is required.'];

test('Accept is read in any case and its whole range counts; format= may be spelt with escapes', async (t) => {
  const service = await startService(t);
  const ask = async (accept: string, query = '') =>
    (await service.post(`/api/token${query}`, {}, { accept })).status;
  for (const accept of ['APPLICATION/JSON', 'Application/*', '*/json']) {
    assert.equal(await ask(accept), 400, accept);
  }
  for (const accept of ['application/json/x', 'application', 'application/jsonx']) {
    assert.equal(await ask(accept), 406, accept);
  }
  assert.equal(await ask('*/*', '?%66ormat=xml'), 404);
});

test('a body of type */json is JSON; an empty body is an empty object whatever its type', async (t) => {
  const service = await startService(t);
  const send = (type: string, body: string) =>
    service.post('/api/token', body, { 'content-type': type });
  assert.deepEqual((await send('*/json', '{}')).body, { email: REQUIRED, password: REQUIRED });
  for (const type of ['x', 'application', 'application/json, text/plain', ';']) {
    assert.deepEqual((await send(type, '')).body, { email: REQUIRED, password: REQUIRED }, type);
    assert.equal((await send(type, '{}')).status, 415, type);
  }
});

test('no top-level domain has one letter', async (t) => {
  const service = await startService(t);
  const { status, body } = await service.register('a@b.c');
  assert.equal(status, 400);
  assert.deepEqual(body, { email: ['Enter a valid email address.'] });
});

const REGISTRATIONS: readonly (readonly [body: object, fields: object])[] = [
  [
    { email: 'bad' },
    { email: ['Enter a valid email address.'], password: ['This field is required.'] },
  ],
  [
    { email: 'bad', password: null },
    { email: ['Enter a valid email address.'], password: ['This field may not be null.'] },
  ],
  [
    { email: 'a\0@example.com', password: '' },
    {
      email: ['Null characters are not allowed.', 'Enter a valid email address.'],
      password: ['This field may not be blank.'],
    },
  ],
  [{ email: 'bad', password: '1' }, { email: ['Enter a valid email address.'] }],
];

test('a registration reports the faults of all fields at once, as Django does', async (t) => {
  const service = await startService(t);
  for (const [body, fields] of REGISTRATIONS) {
    const answer = await service.post('/api/users', body);
    assert.equal(answer.status, 400);
    assert.deepEqual(answer.body, fields);
  }
});

test('clients may request public keys with the media type of their RFC', async (t) => {
  const { send } = await startService(t);
  for (const accept of ['application/jwk-set+json', 'application/jwk-set+json, text/plain;q=0.1']) {
    const { status, headers } = await send('/.well-known/jwks.json', { headers: { accept } });
    assert.equal(status, 200, accept);
    assert.equal(headers.get('content-type'), 'application/json');
  }
});
