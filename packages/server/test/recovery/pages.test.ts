/** The pages behind mailed links, as a mail scanner and as a person use them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { linkOf, NEW_PASSWORD, startMailed } from './support/mailed.ts';

const form = (values: Record<string, string>) => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(values).toString(),
});

test('AR06: HEAD and GET of every page change nothing', async (t) => {
  const service = await startMailed(t, { GATEPASS_EMAIL_VERIFICATION: 'required' });
  await service.register();
  const mail = await service.nextMail();
  for (const page of ['forgot', 'reset', 'activate', 'email', 'undo'])
    for (const method of ['HEAD', 'GET', 'GET', 'GET', 'GET', 'GET']) {
      const response = await service.send(`/account/${page}`, { method });
      assert.equal(response.status, 200, `${method} ${page}`);
    }
  assert.equal((await service.login()).status, 401);
  assert.equal((await service.activate(linkOf(mail))).status, 204);
});

test('an address with a slash at its end leads to the page, whose links are relative', async (t) => {
  const service = await startMailed(t);
  for (const page of ['forgot', 'reset', 'activate', 'email', 'undo']) {
    const { status, headers } = await service.send(`/account/${page}/`);
    assert.equal(status, 303);
    const place = new URL(headers.get('location') ?? '', `${service.url}/account/${page}/`);
    assert.equal(place.pathname, `/account/${page}`);
    assert.equal((await service.send(place.pathname)).status, 200);
  }
});

test('pages run only their own script, are not stored, and send no Referer to other sites', async (t) => {
  const service = await startMailed(t);
  for (const path of ['/account/reset', '/account/style.css', '/account/link.js']) {
    const { headers } = await service.send(path);
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/, path);
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('x-frame-options'), 'DENY');
  }
  const { text } = await service.send('/account/reset', { headers: { 'accept-language': 'ru' } });
  assert.match(text, /<html lang="ru">/);
  assert.doesNotMatch(text, /<script>|style=|https?:\/\//);
});

test('the pages reset a password by code, without scripts', async (t) => {
  const service = await startMailed(t);
  await service.register();
  const asked = await service.send('/account/forgot', form({ email: ' alice@example.com ' }));
  assert.equal(asked.status, 200);
  const { code } = await service.nextMail();
  const values = { email: 'alice@example.com', code };
  const weak = await service.send('/account/reset', form({ ...values, new_password: '12345678' }));
  assert.equal(weak.status, 400);
  assert.match(weak.text, /role="alert"/);
  assert.doesNotMatch(weak.text, /12345678/);
  const done = await service.send(
    '/account/reset',
    form({ ...values, new_password: NEW_PASSWORD }),
  );
  assert.equal(done.status, 200);
  assert.equal((await service.login('alice@example.com', NEW_PASSWORD)).status, 200);
});

test('values in a returned page are escaped', async (t) => {
  const service = await startMailed(t);
  const hostile = '"><script>alert(1)</script>';
  const { status, text } = await service.send('/account/forgot', form({ email: hostile }));
  assert.equal(status, 400);
  assert.ok(!text.includes('<script>alert'));
  assert.ok(text.includes('&quot;&gt;&lt;script&gt;'));
});

test('a form of another site is refused with a page', async (t) => {
  const service = await startMailed(t);
  await service.register();
  const { method, headers, body } = form({ email: 'alice@example.com' });
  const response = await service.send('/account/forgot', {
    method,
    body,
    headers: { ...headers, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
  });
  assert.equal(response.status, 403);
  assert.match(response.text, /^<!doctype html>[\s\S]*Requests from pages of other sites/);
  assert.ok(!response.text.includes('alice@example.com'));
  assert.deepEqual(await service.database.db.selectFrom('outbox').selectAll().execute(), []);
});

test('a refused form is counted like any other request', async (t) => {
  const metrics = createMetrics();
  const service = await startMailed(t, {}, { metrics });
  const { status } = await service.send('/account/activate', form({ uid: 'MQ', token: 'none' }));
  assert.equal(status, 400);
  const count = /_count\{route="\/account\/activate",method="POST",status="4xx"\} 1$/m;
  assert.match(await metrics.text(), count);
});
