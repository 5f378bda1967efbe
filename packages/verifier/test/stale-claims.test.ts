/** Claims that change while tokens are out: in a resource server, and what it can require of them. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { suite, test } from 'node:test';
import { createVerifier, hasClaim } from '../src/index.ts';
import { mintHs256, SECRET } from './mint.ts';
import { epoch, goodClaims, startIssuer, until, verdict } from './support/issuer.ts';

const sha256 = (text: string) => hash('sha256', text, 'base64url');
const token = (claims: object = {}) => mintHs256({ alg: 'HS256' }, goodClaims(claims));

suite('stale claims', { concurrency: true, timeout: 120_000 }, () => {
  test('CL02 a change of claims voids only older tokens of the account', async (t) => {
    const issuer = await startIssuer(t);
    using verifier = createVerifier({ secret: SECRET, revocationsUrl: issuer.revocationsUrl });
    await verifier.ready();
    const old = token({ role: 'admin' });
    const other = token({ role: 'admin', user_id: 8, sub: '8' });
    assert.equal(await verdict(verifier.verify(old)), 7);
    issuer.revoke({ session: sha256('7'), claims: 2 });
    await until(async () => (await verdict(verifier.verify(old))) === 'stale_claims');
    for (const [claims, expected] of [
      [{ cv: 1 }, 'stale_claims'],
      [{ cv: '2' }, 'stale_claims'],
      [{ cv: 2 }, 7],
      [{ cv: 3 }, 7],
      // What the id is called is the issuer's choice; `sub` is what it always has.
      [{ user_id: undefined, uid: 7 }, 'stale_claims'],
      [{ sub: undefined, user_id: '7' }, 'stale_claims'],
    ] as const)
      assert.equal(await verdict(verifier.verify(token(claims))), expected, JSON.stringify(claims));
    assert.equal(await verdict(verifier.verify(other)), 8);
    issuer.revoke({ session: sha256('session-of-user-7') });
    await until(async () => (await verdict(verifier.verify(old))) === 'revoked');
  });

  test('a change is dropped when no older token can be valid, and an earlier change is ignored', async (t) => {
    const issuer = await startIssuer(t);
    let now = epoch();
    const { revocationsUrl } = issuer;
    using verifier = createVerifier({ secret: SECRET, revocationsUrl, now: () => now });
    await verifier.ready();
    issuer.revoke({ session: sha256('7'), claims: 2, expires_at: now + 100 });
    issuer.revoke({ session: sha256('7'), claims: 1, expires_at: now + 100 });
    issuer.revoke({ session: sha256('another'), expires_at: now + 1000 });
    await until(() => verifier.status().revocations?.size === 2);
    assert.equal(await verdict(verifier.verify(token({ cv: 1 }))), 'stale_claims');
    now += 101;
    await until(() => verifier.status().revocations?.size === 1);
    assert.equal(await verdict(verifier.verify(token({ cv: 1 }))), 7);
  });

  test('beyond the limit of changes, tokens from before the oldest kept change are refused', async (t) => {
    const issuer = await startIssuer(t);
    const { revocationsUrl } = issuer;
    using verifier = createVerifier({ secret: SECRET, revocationsUrl, maxRevocations: 2 });
    await verifier.ready();
    for (const id of ['7', '8', '9']) issuer.revoke({ session: sha256(id), claims: 1 });
    await until(async () => (await verdict(verifier.verify(token()))) === 'revoked');
    const later = token({ iat: epoch(), exp: epoch() + 600, cv: 1 });
    assert.equal(await verdict(verifier.verify(later)), 'revoked', 'in doubt, not believed');
  });
});

test('hasClaim compares strictly, with one value or several, in a claim or in a list', () => {
  const claims = { role: 'admin', groups: ['sales', 7], is_staff: true, empty: [] };
  const cases = [
    ['role', 'admin', true],
    ['role', ['owner', 'admin'], true],
    ['role', 'adm', false],
    ['role', 'Admin', false],
    ['groups', 'sales', true],
    ['groups', ['support', 7], true],
    ['groups', '7', false],
    ['is_staff', true, true],
    ['is_staff', 'true', false],
    ['empty', 'sales', false],
    ['missing', 'undefined', false],
    ['toString', 'x', false],
  ] as const;
  for (const [name, expected, has] of cases)
    assert.equal(hasClaim(claims, name, expected), has, `${name} ${expected}`);
  for (const expected of [undefined, null, [], [undefined], {}, Number.NaN])
    assert.throws(() => hasClaim(claims, 'role', expected as never), TypeError);
  assert.throws(() => hasClaim(claims, '', 'x'), TypeError);
});

test('claims have the types that the verifier was made with', async () => {
  using verifier = createVerifier<{ role?: 'admin' | 'user' }>({ secret: SECRET });
  const { role } = await verifier.verify(token({ role: 'admin' }));
  const typed: 'admin' | 'user' | undefined = role;
  assert.equal(typed, 'admin');
});
