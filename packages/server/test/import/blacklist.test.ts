/** Tokens that were logged out at Django stay logged out here. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startNode } from '../support/node.ts';
import { post } from '../support/process.ts';
import { forge, goodClaims, SECRET } from '../support/service.ts';
import { until } from '../support/until.ts';
import { place } from './support/place.ts';

const now = Date.now();
const token = (jti: string, at = now) =>
  forge({ payload: { ...goodClaims(at, 1, 'refresh'), jti: jti.repeat(32) } });
const asDjango = (ms: number) => new Date(ms).toISOString().slice(0, 23).replace('T', ' ');

/** One user with tokens in Django: `a` and `b` are valid, `c` is not a token, `d` has expired. */
async function withList(t: TestContext, listed: readonly number[]) {
  const found = await place(t, [{ id: 1, email: 'a@example.com' }]);
  found.source.exec(`create table token_blacklist_outstandingtoken (id integer primary key, token text, jti text, expires_at datetime);
    create table token_blacklist_blacklistedtoken (id integer primary key, token_id integer)`);
  const insert = found.source.prepare(
    'insert into token_blacklist_outstandingtoken values (?, ?, ?, ?)',
  );
  const long = now - 86_400_000;
  insert.run(5, token('a'), 'a', asDjango(now + 300_000));
  insert.run(6, token('b'), 'b', asDjango(now + 300_000));
  insert.run(7, 'rubbish', 'c', asDjango(now + 300_000));
  insert.run(8, token('d', long), 'd', asDjango(long + 300_000));
  const list = found.source.prepare(
    'insert into token_blacklist_blacklistedtoken (token_id) values (?)',
  );
  for (const id of listed) list.run(id);
  const serve = () =>
    startNode(t, found.directory, {
      GATEPASS_SECRET: SECRET,
      GATEPASS_ACCEPT_SESSIONLESS_TOKENS: 'true',
      GATEPASS_ROTATE_REFRESH_TOKENS: 'true',
    });
  return { ...found, list, serve };
}

test('tokens that SimpleJWT has blacklisted are refused and counted once', async (t) => {
  const { importAgain, serve } = await withList(t, [5, 7, 8]);
  assert.match(
    (await importAgain()).stdout,
    /^1 token that was blacklisted there is refused here\.$/m,
  );
  assert.equal(JSON.parse((await importAgain('--json')).stdout).logouts, 0);
  const { url } = await serve();
  const refresh = (text: string) => post(url, '/api/token/refresh', { refresh: text });
  assert.equal((await refresh(token('a')))?.body['reason'], 'revoked');
  assert.equal((await refresh(token('b')))?.status, 200);
});

test('importing the blacklist ends a session that a blacklisted token has opened here', async (t) => {
  const { importAgain, list, serve } = await withList(t, []);
  await importAgain();
  const { url } = await serve();
  const first = await post(url, '/api/token/refresh', { refresh: token('a') });
  assert.equal(first?.status, 200);
  list.run(5);
  assert.equal(JSON.parse((await importAgain('--json')).stdout).logouts, 1);
  const next = { refresh: first?.body['refresh'] };
  assert.equal((await post(url, '/api/token/refresh', next))?.body['reason'], 'revoked');
  const { access } = first?.body ?? {};
  const verify = () => post(url, '/api/token/verify', { token: access });
  await until('the running server follows', async () => (await verify())?.status === 401);
});
