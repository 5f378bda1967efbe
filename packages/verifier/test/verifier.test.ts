import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVerifier, KeyError, type VerifierOptions } from '../src/index.ts';
import { mintHs256, SECRET } from './mint.ts';
import { goodClaims, mint, newKey, startIssuer, verdict } from './support/issuer.ts';

const HS256 = { alg: 'HS256', typ: 'JWT' };

for (const alg of ['EdDSA', 'ES256', 'RS256'] as const) {
  test(`an ${alg} token is verified with the key that the issuer publishes`, async (t) => {
    const key = newKey('one', alg);
    const issuer = await startIssuer(t, [key, newKey('two', alg)]);
    using verifier = createVerifier({ jwksUrl: issuer.jwksUrl });
    const token = mint(key);
    assert.equal((await verifier.verify(token)).sub, '7');
    assert.equal((await verifier.verify(token)).sid, 'session-of-user-7');
    assert.deepEqual(verifier.status().keys?.kids, ['one', 'two']);
    assert.equal(issuer.counts.jwks, 1);
    // The signature of another key under this one's name.
    assert.equal(await verdict(verifier.verify(mint({ ...newKey('one', alg) }))), 'bad_signature');
    assert.equal(await verdict(verifier.verify(mint({ ...key, kid: 'two' }))), 'bad_signature');
  });
}

test('a shared secret verifies tokens that name no key', async () => {
  using verifier = createVerifier({ secret: SECRET });
  assert.equal(await verdict(verifier.verify(mintHs256(HS256, goodClaims()))), 7);
  const named = mintHs256({ ...HS256, kid: 'a' }, goodClaims());
  assert.equal(await verdict(verifier.verify(named)), 'unknown_key');
  await verifier.ready();
});

test('secret and JWKS together survive a change of the algorithm', async (t) => {
  const key = newKey('one');
  const issuer = await startIssuer(t, [key]);
  using verifier = createVerifier({ jwksUrl: issuer.jwksUrl, secret: SECRET });
  assert.equal(await verdict(verifier.verify(mintHs256(HS256, goodClaims()))), 7);
  assert.equal(await verdict(verifier.verify(mint(key))), 7);
  await issuer.stop();
  using offline = createVerifier({ jwksUrl: issuer.jwksUrl, secret: SECRET });
  assert.equal(await verdict(offline.verify(mintHs256(HS256, goodClaims()))), 7);
  assert.equal(await verdict(offline.verify(mint(key))), 'keys_unavailable');
});

test('claims are checked, and a refresh token is no access token', async () => {
  using verifier = createVerifier({ secret: SECRET, issuer: 'https://a', audience: 'api' });
  const fine = { iss: 'https://a', aud: 'api' };
  const cases: [object, unknown][] = [
    [fine, 7],
    [{ ...fine, aud: ['x', 'api'] }, 7],
    [{}, 'wrong_issuer'],
    [{ ...fine, iss: 'https://a/' }, 'wrong_issuer'],
    [{ ...fine, aud: 'apis' }, 'wrong_audience'],
    [{ ...fine, token_type: 'refresh' }, 'wrong_type'],
    [{ ...fine, token_type: undefined }, 'missing_type'],
    [{ ...fine, exp: 1 }, 'expired'],
    [{ ...fine, exp: undefined }, 'missing_exp'],
    [{ ...fine, jti: undefined }, 'missing_jti'],
    [{ ...fine, sub: 7 }, 'malformed'],
    [{ ...fine, sid: null }, 'malformed'],
    [{ ...fine, user_id: [7] }, 'malformed'],
  ];
  for (const [claims, expected] of cases) {
    const token = mintHs256(HS256, goodClaims(claims));
    assert.equal(await verdict(verifier.verify(token)), expected, JSON.stringify(claims));
    assert.equal(await verdict(verifier.verify(token)), expected, 'the second time');
  }
  for (const junk of ['', 'x', 'a.b.c', undefined, null, 7, {}, 'x'.repeat(100_000)])
    assert.match(String(await verdict(verifier.verify(junk as string))), /^(malformed|too_long)$/);
});

test('no caller can change claims that others read', async () => {
  using verifier = createVerifier({ secret: SECRET });
  const token = mintHs256(HS256, goodClaims({ roles: ['reader', { deep: [1] }] }));
  for (const claims of [await verifier.verify(token), await verifier.verify(token)]) {
    assert.throws(() => Object.assign(claims, { user_id: 1 }), TypeError);
    const [, role] = claims['roles'] as [string, { deep: number[] }];
    assert.throws(() => role.deep.push(2), TypeError);
  }
});

test('invalid options are refused by name, without their value', () => {
  const jwksUrl = 'https://auth.example.com/jwks.json';
  const cases: [unknown, RegExp][] = [
    [{}, /"jwksUrl" or "secret" is needed/],
    [{ jwksURL: jwksUrl }, /Unknown option "jwksURL"/],
    [{ jwksUrl, audience: undefined }, /"audience" is undefined/],
    [{ jwksUrl, audience: '' }, /"audience"/],
    [{ jwksUrl, issuer: 7 }, /"issuer"/],
    [{ jwksUrl, tokenType: [] }, /"tokenType"/],
    [{ jwksUrl, leeway: 301 }, /"leeway"/],
    [{ jwksUrl, leeway: Number.NaN }, /"leeway"/],
    [{ jwksUrl, cacheSize: -1 }, /"cacheSize"/],
    [{ jwksUrl, whenStale: 'ignore' }, /"whenStale"/],
    [{ jwksUrl, maxStaleness: 1 }, /"maxStaleness"/],
    [{ jwksUrl, unknownKeyCooldown: 0 }, /"unknownKeyCooldown"/],
    [{ jwksUrl: 'jwks.json' }, /"jwksUrl" is not a URL/],
    [{ jwksUrl: 'http://auth.example.com/jwks.json' }, /"jwksUrl" must be https:/],
    [{ jwksUrl: 'http://127.0.0.1.example.com/' }, /"jwksUrl" must be https:/],
    [{ jwksUrl: 'http://localhost.example.com/' }, /"jwksUrl" must be https:/],
    [{ jwksUrl: 'file:///etc/passwd', allowInsecureHttp: true }, /"jwksUrl" must be https:/],
    [{ jwksUrl: 'https://u:hunter2@a.example/' }, /"jwksUrl" holds a password/],
    [{ secret: SECRET, revocationsUrl: 'http://a.example/' }, /"revocationsUrl" must be https:/],
  ];
  for (const [options, message] of cases) {
    assert.throws(
      () => createVerifier(options as VerifierOptions),
      (error) =>
        error instanceof TypeError && message.test(error.message) && !/hunter2/.test(error.message),
      JSON.stringify(options),
    );
  }
  assert.throws(() => createVerifier({ secret: 'short' }), KeyError);
});

test('only this machine and allowed hosts may be contacted without TLS', async () => {
  const urls: string[] = [];
  const spy = (async (url: URL) => {
    urls.push(String(url));
    return Response.json({ keys: [] });
  }) as unknown as typeof fetch;
  for (const url of ['http://127.9.9.9/', 'http://[::1]/', 'http://localhost:1/', 'http://0x7f.1/'])
    createVerifier({ jwksUrl: url, fetch: spy }).close();
  createVerifier({ jwksUrl: 'http://gatepass:8000/', allowInsecureHttp: true, fetch: spy }).close();
  assert.equal(urls.length, 5);
});

test('a closed verifier lets the process end and still verifies with its keys', async (t) => {
  const key = newKey('one');
  const issuer = await startIssuer(t, [key]);
  const verifier = createVerifier({ jwksUrl: issuer.jwksUrl });
  await verifier.ready();
  verifier.close();
  assert.equal(await verdict(verifier.verify(mint(key))), 7);
});
