/** What the operator of an API reads when the issuer is unreachable or set up differently. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createVerifier, UnavailableError } from '../src/index.ts';
import { mintHs256, SECRET } from './mint.ts';
import { goodClaims, mint, newKey, startIssuer, until, verdict } from './support/issuer.ts';

const NO_USABLE_KEY = /The key set at http:\/\/127\.0\.0\.1:\d+\/jwks\.json has no usable key: /;

suite('an issuer without usable keys', () => {
  test('ready() rejects and names the setting, and onError is called', async (t) => {
    const issuer = await startIssuer(t);
    const errors: string[] = [];
    using verifier = createVerifier({
      jwksUrl: issuer.jwksUrl,
      onError: ({ message }) => errors.push(message),
    });
    await assert.rejects(verifier.ready(), (error) => {
      assert.ok(error instanceof UnavailableError);
      assert.equal(error.reason, 'keys_unavailable');
      assert.match(error.message, NO_USABLE_KEY);
      assert.match(error.message, /is GATEPASS_SIGNING_ALG HS256\?$/);
      return true;
    });
    await until(() => errors.length > 0);
    assert.match(errors[0] ?? '', NO_USABLE_KEY);
  });

  test('ready() rejects with the reason why the keys are not used', async (t) => {
    const issuer = await startIssuer(t, [newKey('ed')]);
    using verifier = createVerifier({ jwksUrl: issuer.jwksUrl, algorithms: ['ES256'] });
    await assert.rejects(
      verifier.ready(),
      /no usable key: its first key is skipped: wrong_algorithm$/,
    );
  });

  test('ready() resolves when keys have arrived', async (t) => {
    const issuer = await startIssuer(t);
    using verifier = createVerifier({ jwksUrl: issuer.jwksUrl, unknownKeyCooldown: 1 });
    await assert.rejects(verifier.ready(), NO_USABLE_KEY);
    const key = newKey('one');
    issuer.keys.push(key);
    await until(async () => (await verdict(verifier.verify(mint(key)))) === 7);
    await verifier.ready();
  });

  test('with a secret, an empty key set is accepted before a change to public keys', async (t) => {
    const issuer = await startIssuer(t);
    const errors: string[] = [];
    using verifier = createVerifier({
      jwksUrl: issuer.jwksUrl,
      secret: SECRET,
      onError: ({ message }) => errors.push(message),
    });
    await verifier.ready();
    assert.equal(await verdict(verifier.verify(mintHs256({ alg: 'HS256' }, goodClaims()))), 7);
    assert.deepEqual(errors, []);
  });
});

suite('an issuer that cannot be reached', () => {
  test('each URL is named once with the cause, however often it fails', async (t) => {
    const issuer = await startIssuer(t);
    const { jwksUrl, revocationsUrl } = issuer;
    await issuer.stop();
    const errors: Error[] = [];
    let requests = 0;
    const counting: typeof fetch = (...request) => {
      requests++;
      return fetch(...request);
    };
    using verifier = createVerifier({
      jwksUrl,
      revocationsUrl,
      fetch: counting,
      onError: (error) => errors.push(error),
    });
    await assert.rejects(
      verifier.ready(),
      /^UnavailableError: .*\/jwks\.json failed: ECONNREFUSED$/,
    );
    await until(() => requests >= 8);
    const { origin } = new URL(jwksUrl);
    assert.deepEqual(errors.map(({ message }) => message).sort(), [
      `${origin}/api/revocations failed: ECONNREFUSED`,
      `${origin}/jwks.json failed: ECONNREFUSED`,
    ]);
    assert.ok(errors.every(({ cause }) => cause instanceof Error));
  });

  const causes: [string, typeof fetch, RegExp][] = [
    [
      'a response that is no JSON',
      async () => new Response('<html>a secret of the other side'),
      /jwks\.json failed: the response is not JSON$/,
    ],
    ['another status', async () => new Response('no', { status: 502 }), /failed: answered 502$/],
    [
      'a redirect',
      async () => {
        throw new TypeError('fetch failed', { cause: new Error('unexpected redirect') });
      },
      /failed: unexpected redirect$/,
    ],
    [
      'a certificate of another host',
      async () => {
        const message = 'Host: auth.example. is not in the names: a secret of the other side';
        const cause = Object.assign(new Error(message), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
        throw new TypeError('fetch failed', { cause });
      },
      /failed: ERR_TLS_CERT_ALTNAME_INVALID$/,
    ],
    [
      'silence',
      async (_, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
        }),
      /failed: .*timeout$/,
    ],
  ];
  for (const [name, answer, message] of causes)
    test(`${name} is reported without quoting the response`, async () => {
      const { promise, resolve } = Promise.withResolvers<Error>();
      using verifier = createVerifier({
        jwksUrl: 'https://auth.example/jwks.json?tenant=7',
        fetchTimeout: 0.1,
        fetch: answer,
        onError: resolve,
      });
      const error = await promise;
      assert.match(error.message, /^https:\/\/auth\.example\/jwks\.json failed/);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /a secret|tenant/);
      assert.match(String(verifier.status().keys?.error), message);
    });
});
