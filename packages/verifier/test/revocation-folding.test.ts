/** What a verifier does with entries for whole accounts, and with more than it has room for (AB03). */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { createVerifier } from '../src/index.ts';
import { mintHs256, SECRET } from './mint.ts';
import {
  epoch,
  goodClaims,
  type Handler,
  type Issuer,
  startIssuer,
  until,
  verdict,
} from './support/issuer.ts';

const sha256 = (text: string) => hash('sha256', text, 'base64url');
const token = (claims: object = {}) => mintHs256({ alg: 'HS256' }, goodClaims(claims));
const following = ({ revocationsUrl }: Issuer) => ({ secret: SECRET, revocationsUrl });
const refuse: Handler = (_, response) => response.writeHead(503).end();

test('AB03 beyond the limit revocations are folded, and only ended sessions are refused', async (t) => {
  const issuer = await startIssuer(t);
  let now = epoch();
  issuer.stream = refuse;
  for (let i = 0; i < 70; i++)
    issuer.revoke({ session: sha256(`s${i}`), expires_at: now + 100 + i });
  using verifier = createVerifier({ ...following(issuer), maxRevocations: 10, now: () => now });
  assert.equal(await verdict(verifier.verify(token())), 7);
  for (const i of [0, 35, 69])
    assert.equal(await verdict(verifier.verify(token({ sid: `s${i}` }))), 'revoked', `s${i}`);
  const { size, folded, isStale, error, refusesBefore } = verifier.status().revocations ?? {};
  assert.deepEqual([size, isStale, error, refusesBefore], [70, false, undefined, 0]);
  assert.ok(Number(folded) >= 60, `${folded} are folded`);
  issuer.forgetAll();
  now += 200;
  await until(() => verifier.status().revocations?.size === 0);
});

test('AB03 beyond the folded limit only tokens from before the oldest kept entry are refused', async (t) => {
  const issuer = await startIssuer(t);
  const start = epoch();
  let now = start;
  const errors: string[] = [];
  issuer.stream = refuse;
  for (let i = 0; i < 1000; i++)
    issuer.revoke({ session: sha256(`s${i}`), expires_at: start + 100 });
  using verifier = createVerifier({
    ...following(issuer),
    maxRevocations: 10,
    now: () => now,
    onError: ({ message }) => errors.push(message),
  });
  await verifier.ready();
  const older = token({ iat: start - 10 });
  assert.equal(await verdict(verifier.verify(older)), 'revoked');
  now = start + 10;
  const fresh = token({ iat: start + 10 });
  assert.equal(await verdict(verifier.verify(fresh)), 7);
  assert.equal(await verdict(verifier.verify(token({ iat: start + 10, sid: 's999' }))), 'revoked');
  const { size, refusesBefore, isStale } = verifier.status().revocations ?? {};
  assert.ok(Number(size) <= 100, `${size} in memory`);
  assert.ok(Number(refusesBefore) > start && Number(refusesBefore) <= start + 10);
  assert.equal(isStale, false);
  assert.equal(errors.filter((message) => /older tokens are refused/.test(message)).length, 1);
  issuer.forgetAll();
  now = start + 101;
  await until(() => verifier.status().revocations?.refusesBefore === 0);
  assert.equal(await verdict(verifier.verify(older)), 7);
});

test('an end of an account’s sessions spares the kept session and later ones', async (t) => {
  const issuer = await startIssuer(t);
  using verifier = createVerifier(following(issuer));
  await verifier.ready();
  const entry = { session: sha256('7'), issued_before: epoch() + 1 };
  issuer.revoke({ ...entry, series: 1, kept: sha256('kept') });
  await until(async () => (await verdict(verifier.verify(token()))) === 'revoked');
  const verdictOf = (sid: string, claims = {}) =>
    verdict(verifier.verify(token({ sid, ...claims })));
  assert.equal(await verdictOf('kept'), 7);
  assert.equal(await verdictOf('next.1'), 7);
  assert.equal(await verdictOf('of-another', { user_id: 8 }), 8);
  issuer.revoke({ ...entry, series: 2 });
  await until(async () => (await verdictOf('next.1')) === 'revoked');
  assert.equal(await verdictOf('kept'), 'revoked');
  assert.equal(await verdictOf('next.2'), 7);
  // What Django issued before is made a session here later, under an id of no series.
  assert.equal(await verdictOf('adopted', { iat: epoch() + 62, nbf: undefined }), 'not_yet_valid');
  assert.equal(verifier.status().revocations?.size, 1);
});
