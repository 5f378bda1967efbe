/** RFC 7662 and RFC 7009: what gateways ask, in their ways of authenticating. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import * as oauth from 'oauth4webapi';
import { startAdministration } from '../admin/support/administration.ts';
import { PASSWORD } from '../support/service.ts';

type Sent = {
  body?: URLSearchParams | undefined | null;
  headers: Record<string, string>;
  method: string;
};

async function start(t: TestContext, variables: Record<string, string> = {}) {
  const admin = await startAdministration(t, variables);
  const token = await admin.begin();
  const keyWith = async (...scopes: string[]): Promise<string> => {
    const body = { name: 'gateway', scopes };
    return (await admin.ask('/api/admin/api_keys', { method: 'POST', body }, token)).body.key;
  };
  await admin.register();
  const pair = (await admin.login()).body;
  const key = await keyWith('introspect');
  const form = (path: string, given: string, authorization?: string) =>
    admin.send(path, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(authorization && { authorization }),
      },
      body: new URLSearchParams({ token: given }).toString(),
    });
  const introspect = async (given: string) =>
    (await form('/oauth/introspect', given, `Bearer ${key}`)).body;
  const { access, refresh: held }: { access: string; refresh: string } = pair;
  return { ...admin, access, held, key, keyWith, form, introspect };
}

test('introspection returns all claims of an active token, and only "inactive" for any other', async (t) => {
  const service = await start(t);
  const active = await service.introspect(service.access);
  assert.deepEqual(
    [active.active, active.token_type, active.sub, active.user_id, active.username],
    [true, 'Bearer', '2', 2, 'alice@example.com'],
  );
  assert.equal((await service.introspect(service.held)).token_type, 'refresh_token');
  const inactive = { active: false };
  const changed = service.access.replace(/\.[^.]+$/, `.${'A'.repeat(43)}`);
  for (const given of ['x', changed, service.key, `${service.access} `])
    assert.deepEqual(await service.introspect(given), inactive, given);
  await service.post('/api/token/blacklist', { refresh: service.held });
  assert.deepEqual(await service.introspect(service.access), inactive);
  assert.deepEqual(await service.introspect(service.held), inactive);
  const again = (await service.login()).body;
  assert.equal((await service.introspect(again.access)).active, true);
  service.clock.advance(6 * 60_000);
  assert.deepEqual(await service.introspect(again.access), inactive, 'expired');
});

test('AD01 introspection requires a key with the scope introspect, as Bearer or as the password of Basic', async (t) => {
  const { form, access, key, keyWith } = await start(t);
  const other = await keyWith('users:read', 'users:write');
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  for (const authorization of [
    `Bearer ${key}`,
    `bearer ${key}`,
    basic(`gateway:${key}`),
    basic(`:${key}`),
  ])
    assert.equal(
      (await form('/oauth/introspect', access, authorization)).status,
      200,
      authorization,
    );
  for (const path of ['/oauth/introspect', '/oauth/revoke']) {
    assert.equal((await form(path, access)).status, 401);
    assert.equal((await form(path, access, `Bearer ${other}`)).body.code, 'scope_missing');
    for (const wrong of [
      `Bearer ${access}`,
      `Bearer ${key}x`,
      basic(`${key}:`),
      basic(key),
      `Token ${key}`,
    ])
      assert.equal((await form(path, access, wrong)).body.code, 'credential_not_valid', wrong);
  }
});

test('revoking either token ends its session; an invalid token gets the same response', async (t) => {
  const service = await start(t);
  const revoke = (given: string) => service.form('/oauth/revoke', given, `Bearer ${service.key}`);
  const once = await revoke(service.access);
  assert.deepEqual([once.status, once.body], [200, {}]);
  assert.equal((await service.me(service.access)).status, 401);
  assert.equal((await service.refresh(service.held)).status, 401);
  const pair = (await service.login()).body;
  assert.equal((await revoke(pair.refresh)).status, 200);
  assert.equal((await service.me(pair.access)).status, 401);
  for (const given of [pair.refresh, pair.access, 'x']) {
    const again = await revoke(given);
    assert.deepEqual([again.status, again.body], [200, {}]);
  }
  const ends = await service.database.db
    .selectFrom('audit_events')
    .select('actor')
    .where('event', '=', 'session.end')
    .execute();
  const actor = `key:${service.key.slice(3, 11)}`;
  assert.deepEqual(
    ends.map((each) => each.actor),
    [actor, actor],
  );
});

test('oauth4webapi finds both endpoints in the metadata and is understood', async (t) => {
  const issuer = 'https://id.example.com';
  const service = await start(t, { GATEPASS_ISSUER: issuer });
  const options = {
    [oauth.customFetch]: (url: string, { body, headers, method }: Sent) =>
      fetch(url.replace(issuer, service.url), {
        ...(body !== undefined && { body }),
        headers,
        method,
      }),
  };
  const found = await oauth.discoveryRequest(new URL(issuer), { ...options, algorithm: 'oauth2' });
  const server = await oauth.processDiscoveryResponse(new URL(issuer), found);
  const client = { client_id: 'gateway' };
  const authenticate = oauth.ClientSecretBasic(service.key);
  const ask = async (token: string) =>
    oauth.processIntrospectionResponse(
      server,
      client,
      await oauth.introspectionRequest(server, client, authenticate, token, options),
    );
  assert.equal((await ask(service.access)).active, true);
  const response = await oauth.revocationRequest(
    server,
    client,
    authenticate,
    service.access,
    options,
  );
  await oauth.processRevocationResponse(response);
  assert.deepEqual(await ask(service.access), { active: false });
  assert.equal((await service.login('alice@example.com', PASSWORD)).status, 200);
});
