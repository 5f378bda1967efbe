/** The second factor in cookie mode: no cookie before it, and the refresh token only in the cookie. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALICE, PAGE, sessionOf, setCookieOf, startWithCookies } from '../cookie/support/page.ts';
import { claimsOf } from '../support/service.ts';
import { codeAt, enrol, STEP } from './support/holder.ts';

test('in cookie mode the challenge sets no cookie, and the code does', async (t) => {
  const service = await startWithCookies(t);
  const { login, refresh } = sessionOf(service);
  const first = await login();
  const { secret } = await enrol(service, first.body.access);
  const kept = await refresh(setCookieOf(first) ?? '');
  assert.deepEqual(claimsOf(kept.body.access)['amr'], ['pwd', 'otp', 'mfa'], 'it goes on');
  service.clock.advance(STEP);
  const refused = await login();
  assert.deepEqual([refused.status, refused.body.code], [401, 'second_factor_required']);
  assert.equal(setCookieOf(refused), undefined);
  const code = codeAt(secret, service.clock.now());
  const { challenge } = refused.body;
  const complete = (headers: Record<string, string>) =>
    service.post('/api/session/second_factor', { challenge, code }, headers);
  assert.equal((await complete({ 'sec-fetch-site': 'cross-site' })).status, 403);
  const done = await complete(PAGE);
  assert.deepEqual([done.status, Object.keys(done.body)], [200, ['access']]);
  assert.equal(claimsOf(setCookieOf(done) ?? '')['token_type'], 'cookie');
  assert.equal((await refresh(setCookieOf(done) ?? '')).status, 200);
  service.clock.advance(STEP);
  const inOneStep = await login(PAGE, { ...ALICE, code: codeAt(secret, service.clock.now()) });
  assert.equal(inOneStep.status, 200, inOneStep.text);
});
