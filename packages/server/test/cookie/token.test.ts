/** docs/security-cases.md, CK02: the token of a cookie is good in that cookie and nowhere else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimsOf, forge, goodClaims } from '../support/service.ts';
import { NAME, PAGE, sessionOf, setCookieOf, startWithCookies } from './support/page.ts';

test('CK02 a cookie’s token is refused in bodies and headers, and a body’s token in the cookie', async (t) => {
  const service = await startWithCookies(t, { GATEPASS_AUDIENCE: 'orders' });
  const session = sessionOf(service);
  const cookie = setCookieOf(await session.login()) ?? '';
  const { refresh } = (await service.login()).body;
  assert.equal(claimsOf(cookie)['aud'], 'orders#cookie');
  const answers = {
    refresh: await service.refresh(cookie),
    verify: await service.verify(cookie),
    blacklist: await service.post('/api/token/blacklist', { refresh: cookie }),
    bearer: await service.me(cookie),
    forwardAuth: await service.send('/api/token/verify', {
      headers: { authorization: `Bearer ${cookie}` },
    }),
  };
  for (const [name, { status, body }] of Object.entries(answers)) {
    assert.equal(status, 401, name);
    assert.equal(body.reason, 'wrong_type', name);
  }
  const crossed = await session.refresh(refresh);
  assert.equal(crossed.status, 401);
  assert.equal(crossed.body.reason, 'wrong_type');
  assert.equal(setCookieOf(crossed), '');
  assert.equal((await session.logout(refresh)).status, 204);
  assert.equal((await service.refresh(refresh)).status, 200, 'its session was not ended');
  assert.equal((await session.refresh(cookie)).status, 200, 'nor that of the cookie');
});

test('no other route reads the cookie', async (t) => {
  const service = await startWithCookies(t);
  const cookie = `${NAME}=${setCookieOf(await sessionOf(service).login())}`;
  for (const path of ['/api/users/me', '/api/sessions', '/api/token/verify'])
    assert.equal((await service.send(path, { headers: { ...PAGE, cookie } })).status, 401, path);
  assert.equal((await service.post('/api/token/refresh', {}, { ...PAGE, cookie })).status, 400);
});

test('the cookie counts only under its exact name and with a single valid value', async (t) => {
  const service = await startWithCookies(t);
  const session = sessionOf(service);
  const token = setCookieOf(await session.login()) ?? '';
  const other = setCookieOf(await session.login()) ?? '';
  const status = async (cookie?: string) => {
    const answer = await session.refreshWith(cookie);
    const isRefused = answer.status === 401 && RegExp(`(^|; )${NAME}=`).test(cookie ?? '');
    assert.equal(setCookieOf(answer), isRefused ? '' : undefined);
    return answer.status;
  };
  for (const good of [
    `${NAME}=${token}`,
    `a=1; ${NAME}=${token};b="2"`,
    `${NAME}=${token}; ${NAME}=${token}`,
  ])
    assert.equal(await status(good), 200, good);
  for (const bad of [
    undefined,
    '',
    NAME,
    `${NAME}=`,
    `${NAME}="${token}"`,
    `${NAME}=${token}; ${NAME}=${other}`,
    `${NAME}=; ${NAME}=${token}`,
    `${NAME.toLowerCase()}=${token}`,
    `gatepass=${token}`,
    `x${NAME}=${token}`,
    `${NAME}=${token}A`,
    `${NAME}=${encodeURIComponent(`${token} `)}`,
    `${NAME}=${'A'.repeat(9000)}`,
    `${NAME}=__proto__`,
  ])
    assert.equal(await status(bad), 401, String(bad));
});

test('a cookie made by another issuer with the secret is refused', async (t) => {
  const service = await startWithCookies(t);
  const claims = { ...goodClaims(service.clock.now()), token_type: 'cookie' };
  const answer = await sessionOf(service).refresh(forge({ payload: claims }));
  assert.equal(answer.body.reason, 'no_session');
});
