/** The cache of verified tokens: no token finds another's claims, and a hit is checked like a miss. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  createKeySet,
  createSeenTokens,
  createVerifier,
  importSecret,
  type SeenTokens,
  TokenError,
  verifyToken,
} from '../src/index.ts';
import { createTokenCache } from '../src/token-cache.ts';
import { mintHs256, SECRET } from './mint.ts';
import { epoch, goodClaims, mint, newKey, startIssuer, verdict } from './support/issuer.ts';

const token = (claims: object = {}) => mintHs256({ alg: 'HS256' }, goodClaims(claims));

suite('the cache of verified tokens', () => {
  test('TC08: two tokens verified in turn 10,000 times keep their own claims', async (t) => {
    const key = newKey('one');
    const issuer = await startIssuer(t, [key]);
    using verifier = createVerifier({ jwksUrl: issuer.jwksUrl, secret: SECRET });
    // Alike in all but one character of the payload, or in header and payload.
    const people = [
      { user_id: 7, jti: 'a' },
      { user_id: 8, jti: 'a' },
      { user_id: 9, jti: 'b' },
    ].flatMap((claims) => [
      { ...claims, token: token(claims) },
      { ...claims, token: mint(key, claims) },
    ]);
    for (let i = 0; i < 10_000; i++) {
      const person = people[i % people.length];
      const claims = await verifier.verify(person?.token ?? '');
      assert.equal(claims.user_id, person?.user_id);
      assert.equal(claims.jti, person?.jti);
    }
    assert.equal(verifier.status().cachedTokens, people.length);
  });

  test('no other spelling of a cached token is a hit', async () => {
    using verifier = createVerifier({ secret: SECRET });
    const good = token();
    assert.equal(await verdict(verifier.verify(good)), 7);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(good.length - 1),
        fc.constantFrom('', 'A', 'B', '-', '_', '.', '=', ' ', '\n', '\ud800', 'é', good),
        async (at, put) => {
          const other = good.slice(0, at) + put + good.slice(at + 1);
          fc.pre(other !== good);
          assert.notEqual(await verdict(verifier.verify(other)), 7);
        },
      ),
      { numRuns: 2000, seed: 20261124 },
    );
    const [header, payload, signature] = good.split('.');
    const forged = token({ user_id: 8 }).split('.');
    for (const parts of [
      [header, forged[1], signature],
      [header, payload, forged[2]],
      [header, forged[1], payload],
    ])
      assert.notEqual(await verdict(verifier.verify(parts.join('.'))), 8);
  });

  test('a cached token expires to the second, and is not yet valid when the clock goes back', async () => {
    let now = epoch();
    using verifier = createVerifier({ secret: SECRET, now: () => now });
    const short = token({ exp: now + 10, iat: now, nbf: now });
    assert.equal(await verdict(verifier.verify(short)), 7);
    now += 9.999;
    assert.equal(await verdict(verifier.verify(short)), 7);
    now += 0.001;
    assert.equal(await verdict(verifier.verify(short)), 'expired');
    now -= 20;
    assert.equal(await verdict(verifier.verify(short)), 'not_yet_valid');
  });

  test('refused tokens are not kept, and a flood of tokens leaves the size where it was', async () => {
    using verifier = createVerifier({ secret: SECRET, cacheSize: 100 });
    const often = token({ jti: 'often' });
    for (let i = 0; i < 1000; i++) {
      await verifier.verify(token({ jti: `j${i}` }));
      await verdict(verifier.verify(token({ jti: `x${i}`, exp: 1 })));
      await verifier.verify(often);
      assert.ok(verifier.status().cachedTokens <= 100);
    }
    using uncached = createVerifier({ secret: SECRET, cacheSize: 0 });
    assert.equal(await verdict(uncached.verify(often)), 7);
    assert.equal(uncached.status().cachedTokens, 0);
  });

  test('a cached token is accepted only while its key is current and its claims are valid', () => {
    const mine = createKeySet([{ key: importSecret(SECRET) }]);
    const same = createKeySet([{ key: importSecret(SECRET) }]);
    const other = createKeySet([{ key: importSecret(`${SECRET} of somebody else`) }]);
    const none = createKeySet([]);
    const now = epoch();
    const good = token({ exp: now + 60 });
    const reasonWith =
      (seen: SeenTokens) =>
      (keys: typeof mine, rules: object = {}) => {
        try {
          return verifyToken(good, { keys, seen, now, ...rules }).claims['user_id'];
        } catch (error) {
          return error instanceof TokenError ? error.reason : error;
        }
      };
    for (const keepsTokens of [false, true]) {
      const seen = createSeenTokens(10, { keepsTokens });
      const reason = reasonWith(seen);
      for (let round = 0; round < 2; round++) {
        assert.equal(reason(mine), 7);
        assert.equal(reason(other), 'bad_signature');
        assert.equal(reason(none), 'unknown_key');
        assert.equal(reason(mine, { now: now + 60 }), 'expired');
        assert.equal(reason(mine, { issuer: 'https://elsewhere.example' }), 'wrong_issuer');
        assert.equal(reason(mine, { tokenType: 'refresh' }), 'wrong_type');
        assert.equal(seen.size(), 1);
      }
      assert.equal(reason(same), 7, 'another set with the same secret verifies by itself');
    }
  });

  test('the cache behaves like a lossy map that keeps used entries', () => {
    const command = fc.record({ place: fc.nat(20).map(String), add: fc.boolean() });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 12 }), fc.array(command), (capacity, commands) => {
        const cache = createTokenCache<{ place: string }>(capacity, String);
        for (const { place, add } of commands) {
          if (add) cache.add(place, { place });
          else assert.equal(cache.find(place)?.place ?? place, place);
          assert.ok(cache.size() <= capacity + 1);
          if (add && capacity > 0) assert.equal(cache.find(place)?.place, place);
        }
        cache.add('used', { place: 'used' });
        for (let i = 0; i < 3 * capacity; i++) {
          cache.add(`new${i}`, { place: '' });
          if (capacity > 2) assert.equal(cache.find('used')?.place, 'used');
        }
      }),
      { seed: 20261124 },
    );
  });
});
