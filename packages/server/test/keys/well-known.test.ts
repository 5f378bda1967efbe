/** What is public: the key set, and where it is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { single } from '../security/support/raw.ts';
import { jwksOf, startWith } from './support/ring.ts';

const METADATA = '/.well-known/oauth-authorization-server';
const OPENID_CONNECT = '/.well-known/openid-configuration';

test('with HS256 the key set is empty: a secret is not published', async (t) => {
  const service = await startWith(t, {});
  const { text, headers } = await service.send('/.well-known/jwks.json');
  assert.equal(text, '{"keys":[]}');
  assert.equal(headers.get('content-type'), 'application/json');
  assert.equal(headers.get('cache-control'), 'public, max-age=300');
});

test('the key set may be cached for less than the lead time of a new key', async (t) => {
  for (const [rotation, seconds] of [
    ['30d', 300],
    ['off', 300],
    ['1h', 36],
    ['5m', 3],
  ] as const) {
    const service = await startWith(t, {
      GATEPASS_SIGNING_ALG: 'ES256',
      GATEPASS_KEY_ROTATION: rotation,
    });
    const { headers } = await service.send('/.well-known/jwks.json');
    assert.equal(headers.get('cache-control'), `public, max-age=${seconds}`);
    const row = await service.database.db
      .selectFrom('signing_keys')
      .select(['created_at', 'activates_at'])
      .where('state', '=', 'next')
      .executeTakeFirstOrThrow();
    assert.ok(row.activates_at - row.created_at >= (seconds + 5) * 1000);
    assert.equal((await jwksOf(service)).kids.length, 2);
  }
});

test('HC09 the metadata names the configured issuer, whatever the Host header', async (t) => {
  const issuer = 'https://id.example.com';
  const service = await startWith(t, { GATEPASS_ISSUER: issuer });
  const forged = `GET ${METADATA} HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\nConnection: close\r\n\r\n`;
  const { status, text } = await single(service.port, forged);
  assert.equal(status, 200);
  assert.deepEqual(JSON.parse(text), {
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    response_types_supported: [],
    grant_types_supported: [],
    introspection_endpoint: `${issuer}/oauth/introspect`,
    introspection_endpoint_auth_methods_supported: ['client_secret_basic'],
    revocation_endpoint: `${issuer}/oauth/revoke`,
    revocation_endpoint_auth_methods_supported: ['client_secret_basic'],
  });
});

test('the same document is served under the name of OpenID Connect', async (t) => {
  const service = await startWith(t, { GATEPASS_ISSUER: 'https://id.example.com' });
  const [asked, known] = [await service.send(OPENID_CONNECT), await service.send(METADATA)];
  assert.equal(asked.status, 200);
  assert.equal(asked.text, known.text);
});

test('an issuer with a path has its metadata at the paths of RFC 8414 and OpenID Connect', async (t) => {
  const issuer = 'https://example.com/auth/';
  const service = await startWith(t, { GATEPASS_ISSUER: issuer });
  for (const path of [
    METADATA,
    `${METADATA}/auth`,
    OPENID_CONNECT,
    `${OPENID_CONNECT}/auth`,
    `/auth${OPENID_CONNECT}`,
  ]) {
    const { body } = await service.send(path);
    assert.equal(body.issuer, issuer);
    assert.equal(body.jwks_uri, 'https://example.com/auth/.well-known/jwks.json');
  }
});

test('without an issuer URL there is no metadata, and the response names the setting', async (t) => {
  for (const issuer of ['', 'gatepass', 'urn:example:auth', 'https://example.com/?tenant=1']) {
    const service = await startWith(t, { GATEPASS_ISSUER: issuer });
    const { status, body } = await service.send(METADATA);
    assert.equal((await service.send(OPENID_CONNECT)).status, 404);
    assert.equal(status, 404);
    assert.deepEqual(body, {
      detail: 'This service has no issuer: set GATEPASS_ISSUER to its URL.',
      code: 'no_issuer',
    });
  }
});
