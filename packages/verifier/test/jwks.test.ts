/** The JWKS over HTTP: kept, renewed, out of reach, hostile. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { suite, test } from 'node:test';
import { createVerifier, type VerifierOptions } from '../src/index.ts';
import { mintHs256 } from './mint.ts';
import {
  goodClaims,
  type Handler,
  mint,
  newKey,
  startIssuer,
  until,
  verdict,
} from './support/issuer.ts';

const answer =
  (body: string | object, status = 200, headers: object = {}): Handler =>
  (_, response) =>
    response
      .writeHead(status, { ...headers })
      .end(typeof body === 'string' ? body : JSON.stringify(body));

// They wait for seconds to pass, at the same time.
suite('the keys of an issuer', { concurrency: true, timeout: 120_000 }, () => {
  test('a new key is fetched when a token names it; a flood of invented names is one fetch', async (t) => {
    const [old, fresh] = [newKey('old'), newKey('fresh')];
    const issuer = await startIssuer(t, [old]);
    using verifier = createVerifier({ jwksUrl: issuer.jwksUrl, unknownKeyCooldown: 1 });
    await verifier.ready();
    await new Promise((resolve) => setTimeout(resolve, 1100));
    issuer.keys.push(fresh);
    const tokens = [...Array(50).keys()].map((i) =>
      mint(i === 25 ? fresh : { ...old, kid: `x${i}` }),
    );
    const verdicts = await Promise.all(tokens.map((token) => verdict(verifier.verify(token))));
    assert.equal(verdicts.filter((each) => each === 7).length, 1);
    assert.equal(verdicts.filter((each) => each === 'unknown_key').length, 49);
    assert.equal(issuer.counts.jwks, 2);
    const started = performance.now();
    for (let i = 0; i < 200; i++)
      assert.equal(await verdict(verifier.verify(mint({ ...old, kid: `y${i}` }))), 'unknown_key');
    const allowed = 3 + (performance.now() - started) / 1000;
    assert.ok(issuer.counts.jwks <= allowed, `${issuer.counts.jwks} fetches`);
  });

  test('a key that is no longer published is no longer trusted, cached tokens included', async (t) => {
    const [old, fresh] = [newKey('old'), newKey('fresh')];
    const issuer = await startIssuer(t, [old]);
    using verifier = createVerifier({ jwksUrl: issuer.jwksUrl, unknownKeyCooldown: 1 });
    const token = mint(old);
    assert.equal(await verdict(verifier.verify(token)), 7);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    issuer.keys = [fresh];
    assert.equal(await verdict(verifier.verify(mint(fresh))), 7);
    assert.equal(await verdict(verifier.verify(token)), 'unknown_key');
  });

  test('keys are refreshed in the background when the issuer’s max-age has passed', {
    timeout: 60_000,
  }, async (t) => {
    const [old, fresh] = [newKey('old'), newKey('fresh')];
    const issuer = await startIssuer(t, [old]);
    const keys = () => ({ keys: issuer.keys.map(({ jwk }) => jwk) });
    // Ten seconds is the least; the proxy in between had the answer for 590.
    issuer.jwks = (request, response) =>
      answer(keys(), 200, { 'cache-control': 'public, max-age=600', age: '590' })(
        request,
        response,
      );
    using verifier = createVerifier({ jwksUrl: issuer.jwksUrl });
    await verifier.ready();
    issuer.keys = [fresh];
    await until(() => issuer.counts.jwks === 2 && verifier.status().keys?.kids[0] === 'fresh');
    assert.equal(await verdict(verifier.verify(mint(fresh))), 7);
    assert.equal(issuer.counts.jwks, 2);
  });

  test('an unreachable issuer fails no verification until the grace period is over', async (t) => {
    const key = newKey('one');
    const issuer = await startIssuer(t, [key]);
    const errors: string[] = [];
    using verifier = createVerifier({
      jwksUrl: issuer.jwksUrl,
      offlineGrace: 3,
      unknownKeyCooldown: 1,
      onError: ({ message }) => errors.push(message),
    });
    const token = mint(key);
    assert.equal(await verdict(verifier.verify(token)), 7);
    await issuer.stop();
    await new Promise((resolve) => setTimeout(resolve, 1100));
    assert.equal(await verdict(verifier.verify(mint({ ...key, kid: 'x' }))), 'unknown_key');
    assert.equal(errors.length, 1);
    assert.equal(await verdict(verifier.verify(token)), 7);
    assert.equal(await verdict(verifier.verify(mint(key))), 7);
    await until(() => (verifier.status().keys?.age ?? 0) > 3);
    assert.equal(await verdict(verifier.verify(token)), 'keys_unavailable');
    assert.equal(await verdict(verifier.verify(mint(key))), 'keys_unavailable');
  });

  test('an issuer that starts later is found, and tokens cause no flood of requests meanwhile', async (t) => {
    const key = newKey('one');
    const issuer = await startIssuer(t, [key]);
    const { jwks } = issuer;
    issuer.jwks = answer('', 503);
    using verifier = createVerifier({ jwksUrl: issuer.jwksUrl });
    const started = performance.now();
    for (let i = 0; i < 100; i++)
      assert.equal(await verdict(verifier.verify(mint(key))), 'keys_unavailable');
    const allowed = 3 + (performance.now() - started) / 500;
    assert.ok(issuer.counts.jwks <= allowed, `${issuer.counts.jwks} fetches`);
    await assert.rejects(verifier.ready(), {
      code: 'verifier_unavailable',
      reason: 'keys_unavailable',
    });
    assert.match(String(verifier.status().keys?.error), /answered 503/);
    issuer.jwks = jwks;
    await until(async () => (await verdict(verifier.verify(mint(key)))) === 7);
  });

  test('responses that are not a JWK Set are refused, and the former keys stay', async (t) => {
    const key = newKey('one');
    const elsewhere = await startIssuer(t, [key, newKey('x')]);
    const hostile: [string, Handler][] = [
      ['a redirect', answer('', 302, { location: elsewhere.jwksUrl })],
      ['not found', answer('{"keys":[]}', 404)],
      ['HTML', answer('<html>')],
      ['no set', answer({ keys: { one: key.jwk } })],
      ['a list', answer([key.jwk])],
      ['null', answer('null')],
      ['too many keys', answer({ keys: Array(101).fill(key.jwk) })],
      ['too long', answer({ keys: [key.jwk], padding: 'x'.repeat(300_000) })],
      [
        'an endless body',
        (_, r) => void setInterval(() => r.write(' '.repeat(100_000)), 1).unref(),
      ],
      ['a broken connection', (_, r) => void r.socket?.destroy()],
      ['silence', () => {}],
    ];
    const meet = async ([what, handler]: [string, Handler]) => {
      const issuer = await startIssuer(t, [key]);
      const options = { jwksUrl: issuer.jwksUrl, unknownKeyCooldown: 1, fetchTimeout: 1 };
      using verifier = createVerifier(options);
      await verifier.ready();
      issuer.jwks = handler;
      await until(async () => {
        assert.equal(
          await verdict(verifier.verify(mint({ ...key, kid: 'x' }))),
          'unknown_key',
          what,
        );
        return issuer.counts.jwks > 1;
      });
      await until(() => verifier.status().keys?.error !== undefined);
      assert.equal(await verdict(verifier.verify(mint(key))), 7, what);
    };
    await Promise.all(hostile.map(meet));
    assert.equal(elsewhere.counts.jwks, 0, 'a redirect was followed');
  });

  test('keys that must not verify are skipped with their reason; the others work', async (t) => {
    const [good, twin, privateKey] = [newKey('good'), newKey('twin'), newKey('private')];
    const rsa = newKey('rsa', 'RS256');
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({
      format: 'jwk',
    });
    const secret = 'k'.repeat(43);
    const errors: string[] = [];
    const issuer = await startIssuer(t);
    issuer.jwks = answer({
      keys: [
        { kty: 'oct', kid: 'oct', k: secret, alg: 'HS256' },
        { kty: 'oct', kid: 'oct-without-alg', k: secret },
        { ...privateKey.key.export({ format: 'jwk' }), kid: 'private' },
        twin.jwk,
        { ...newKey('x').jwk, kid: 'twin' },
        { ...small, kid: 'small' },
        { ...rsa.jwk, kid: 'encryption', use: 'enc' },
        { ...rsa.jwk, kid: 'oaep', alg: 'RSA-OAEP' },
        { ...rsa.jwk, kid: 'none', alg: 'none' },
        { ...rsa.jwk, kid: 'hs', alg: 'HS256' },
        { ...good.jwk, kid: undefined },
        { ...good.jwk, kid: 7 },
        null,
        7,
        { kid: 'empty' },
        { ...good.jwk, alg: undefined, use: undefined },
      ],
    });
    using verifier = createVerifier({
      jwksUrl: issuer.jwksUrl,
      onError: ({ message }) => errors.push(message),
    });
    assert.equal(await verdict(verifier.verify(mint(good))), 7);
    const { kids, skipped } = verifier.status().keys ?? {};
    assert.deepEqual(kids, ['good']);
    assert.deepEqual(
      skipped?.map(({ kid, reason }) => `${kid} ${reason}`),
      [
        'oct wrong_algorithm',
        'oct-without-alg wrong_algorithm',
        'private private_key',
        'twin duplicate_kid',
        'twin duplicate_kid',
        'small too_short',
        'encryption wrong_use',
        'oaep wrong_algorithm',
        'none wrong_algorithm',
        'hs wrong_algorithm',
        'undefined no_kid',
        'undefined no_kid',
        'undefined no_kid',
        'undefined no_kid',
        'empty wrong_algorithm',
      ],
    );
    // Equal sentences once: 2 of the twins, 4 without a name.
    assert.equal(errors.length, 11);
    assert.ok(!errors.join().includes(secret));
    const hmac = (kid: string) =>
      mintHs256({ alg: 'HS256', kid }, goodClaims(), Buffer.from(secret, 'base64url'));
    for (const token of [hmac('oct'), hmac('oct-without-alg'), mint(twin), mint(privateKey)])
      assert.equal(await verdict(verifier.verify(token)), 'unknown_key');
  });

  test('only configured algorithms are accepted', async (t) => {
    const keys = [newKey('ed'), newKey('ec', 'ES256')];
    const issuer = await startIssuer(t, keys);
    const options: VerifierOptions = { jwksUrl: issuer.jwksUrl, algorithms: ['ES256'] };
    using verifier = createVerifier(options);
    const verdicts = await Promise.all(keys.map((key) => verdict(verifier.verify(mint(key)))));
    assert.deepEqual(verdicts, ['unknown_key', 7]);
    for (const algorithms of [['HS256'], ['none'], ['es256']])
      assert.throws(() => createVerifier({ ...options, algorithms } as VerifierOptions), TypeError);
  });
});
