/** The revocation feed in a resource server: at once, in doubt, without an end. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { suite, test } from 'node:test';
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

suite('the revocation feed', { concurrency: true, timeout: 120_000 }, () => {
  test('a logout reaches a verifier through the stream, cached token or not', async (t) => {
    const issuer = await startIssuer(t);
    using verifier = createVerifier(following(issuer));
    await verifier.ready();
    await until(() => issuer.streams.size === 1);
    const { feed } = issuer.counts;
    const [ended, open] = [token(), token({ sid: 'another' })];
    assert.deepEqual(
      [await verdict(verifier.verify(ended)), await verdict(verifier.verify(open))],
      [7, 7],
    );
    issuer.feed = refuse;
    const since = performance.now();
    issuer.revoke({ session: sha256('session-of-user-7') });
    await until(async () => (await verdict(verifier.verify(ended))) === 'revoked');
    t.diagnostic(
      `refused after ${Math.round(performance.now() - since)} ms, ${feed} requests before`,
    );
    assert.equal(await verdict(verifier.verify(open)), 7);
    assert.equal(await verdict(verifier.verify(token({ jti: 'new' }))), 'revoked');
  });

  test('after a restore of the issuer no earlier token is accepted', async (t) => {
    const issuer = await startIssuer(t);
    using verifier = createVerifier(following(issuer));
    const restoredAt = epoch() - 10;
    const [before, after] = [token({ iat: restoredAt - 1 }), token({ iat: restoredAt })];
    assert.deepEqual(
      [await verdict(verifier.verify(before)), await verdict(verifier.verify(after))],
      [7, 7],
    );
    issuer.revoke({ all: true, issued_before: restoredAt });
    await until(async () => (await verdict(verifier.verify(before))) === 'revoked');
    assert.equal(await verdict(verifier.verify(after)), 7);
    assert.equal(verifier.status().revocations?.error, undefined);
  });

  test('without a stream the verifier polls', async (t) => {
    const issuer = await startIssuer(t);
    issuer.stream = refuse;
    using verifier = createVerifier(following(issuer));
    assert.equal(await verdict(verifier.verify(token())), 7);
    issuer.revoke({ session: sha256('session-of-user-7') });
    await until(async () => (await verdict(verifier.verify(token()))) === 'revoked');
    assert.equal(verifier.status().revocations?.isStreaming, false);
  });

  test('revocations from before the start are read, page by page, before the first verification', async (t) => {
    const issuer = await startIssuer(t);
    for (let i = 0; i < 2500; i++) issuer.revoke({ session: sha256(`s${i}`) });
    using verifier = createVerifier(following(issuer));
    assert.equal(await verdict(verifier.verify(token({ sid: 's2499' }))), 'revoked');
    assert.equal(await verdict(verifier.verify(token({ sid: 's0' }))), 'revoked');
    assert.equal(await verdict(verifier.verify(token())), 7);
    assert.equal(verifier.status().revocations?.size, 2500);
  });

  test('polling recovers lost events and silent streams', async (t) => {
    const issuer = await startIssuer(t);
    issuer.stream = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n');
    };
    using verifier = createVerifier(following(issuer));
    await until(() => verifier.status().revocations?.isStreaming === true);
    // The pause after this request is that of a reader who has a stream.
    await until(() => issuer.counts.feed === 2);
    issuer.revoke({ session: sha256('session-of-user-7') });
    await until(async () => (await verdict(verifier.verify(token()))) === 'revoked');
    // A stream that says nothing for 40 s is given up: it was not that.
    assert.equal(issuer.counts.stream, 1);
  });

  test('after a restart of the issuer the stream continues', async (t) => {
    const issuer = await startIssuer(t);
    using verifier = createVerifier(following(issuer));
    await until(() => issuer.streams.size === 1);
    for (const stream of issuer.streams) stream.destroy();
    issuer.revoke({ session: sha256('session-of-user-7') });
    await until(async () => (await verdict(verifier.verify(token()))) === 'revoked');
    await until(() => issuer.streams.size === 1);
  });

  test('a feed that cannot be followed fails closed, or open if configured', async (t) => {
    const issuer = await startIssuer(t);
    const options = { ...following(issuer), maxStaleness: 5 };
    using closed = createVerifier(options);
    using open = createVerifier({ ...options, whenStale: 'accept' });
    await Promise.all([closed.ready(), open.ready()]);
    issuer.revoke({ session: sha256('ended') });
    await until(async () => (await verdict(open.verify(token({ sid: 'ended' })))) === 'revoked');
    await issuer.stop();
    assert.equal(await verdict(closed.verify(token())), 7);
    await until(() => closed.status().revocations?.isStale === true);
    await until(() => open.status().revocations?.isStale === true);
    assert.equal(await verdict(closed.verify(token())), 'revocations_unavailable');
    assert.equal(await verdict(open.verify(token())), 7);
    assert.equal(await verdict(open.verify(token({ sid: 'ended' }))), 'revoked');
    assert.ok((open.status().revocations?.staleness ?? 0) > 5);
    await assert.rejects(closed.ready(), { reason: 'revocations_unavailable' });
  });

  test('an issuer that is down from the start delays one verification briefly', async (t) => {
    const issuer = await startIssuer(t);
    issuer.feed = refuse;
    issuer.stream = refuse;
    using closed = createVerifier(following(issuer));
    using open = createVerifier({ ...following(issuer), whenStale: 'accept' });
    assert.equal(await verdict(closed.verify(token())), 'revocations_unavailable');
    assert.equal(await verdict(open.verify(token())), 7);
    assert.equal(open.status().revocations?.staleness, Number.POSITIVE_INFINITY);
  });

  test('a restarted numbering is read from its beginning, and known revocations stay', async (t) => {
    const issuer = await startIssuer(t);
    issuer.stream = refuse;
    for (let i = 0; i < 9; i++) issuer.revoke({ session: sha256(`s${i}`) });
    using verifier = createVerifier(following(issuer));
    await verifier.ready();
    issuer.forgetAll();
    issuer.revoke({ session: sha256('session-of-user-7') });
    await until(async () => (await verdict(verifier.verify(token()))) === 'revoked');
    assert.equal(await verdict(verifier.verify(token({ sid: 's8' }))), 'revoked');
  });

  test('sessionless tokens are refused, or checked by their user if accepted', async (t) => {
    const issuer = await startIssuer(t);
    issuer.revoke({ user: sha256('7'), issued_before: epoch() - 10 });
    issuer.revoke({ user: sha256('7'), issued_before: epoch() - 20 });
    using strict = createVerifier(following(issuer));
    using lenient = createVerifier({ ...following(issuer), acceptSessionlessTokens: true });
    const old = token({ sid: undefined, iat: epoch() - 11 });
    const young = token({ sid: undefined, iat: epoch() - 9 });
    assert.equal(await verdict(strict.verify(young)), 'no_session');
    assert.equal(await verdict(lenient.verify(young)), 7);
    assert.equal(await verdict(lenient.verify(old)), 'revoked');
    const ofAnother = token({ sid: undefined, iat: epoch() - 11, user_id: '8' });
    assert.equal(await verdict(lenient.verify(ofAnother)), '8');
    assert.equal(await verdict(lenient.verify(token({ iat: epoch() - 11 }))), 7);
  });

  test('expired revocations are forgotten', async (t) => {
    const issuer = await startIssuer(t);
    let now = epoch();
    issuer.revoke({ session: sha256('ended'), expires_at: now + 100 });
    issuer.revoke({ user: sha256('8'), issued_before: now, expires_at: now + 100 });
    using verifier = createVerifier({ ...following(issuer), now: () => now });
    await verifier.ready();
    assert.equal(verifier.status().revocations?.size, 2);
    issuer.forgetAll();
    now += 101;
    await until(() => verifier.status().revocations?.size === 0);
  });

  test('responses that are not a feed are ignored', async (t) => {
    const entry = { seq: 1, session: sha256('a'), expires_at: epoch() + 100 };
    const hostile = [
      '<html>',
      'null',
      '[]',
      '{"revocations":[]}',
      '{"revocations":{},"next":0}',
      '{"revocations":[null],"next":1}',
      '{"revocations":[],"next":"1"}',
      JSON.stringify({ revocations: [{ ...entry, session: 'a' }], next: 1 }),
      JSON.stringify({ revocations: [{ ...entry, session: undefined }], next: 1 }),
      JSON.stringify({ revocations: [{ ...entry, expires_at: 'never' }], next: 1 }),
      JSON.stringify({ revocations: [], next: 0, padding: 'x'.repeat(600_000) }),
    ];
    const meet = async (body: string) => {
      const issuer = await startIssuer(t);
      issuer.feed = (_, response) => response.end(body);
      using verifier = createVerifier(following(issuer));
      assert.equal(
        await verdict(verifier.verify(token())),
        'revocations_unavailable',
        body.slice(0, 80),
      );
    };
    await Promise.all(hostile.map(meet));
  });

  test('a stream of nonsense or with an endless line is closed and retried', async (t) => {
    for (const event of ['data: {"seq":1}\n\n', 'data: <\n\n', `data: ${'x'.repeat(70_000)}`]) {
      const issuer = await startIssuer(t);
      const errors: string[] = [];
      issuer.stream = (_, response) => void response.write(event);
      using verifier = createVerifier({
        ...following(issuer),
        onError: ({ message }) => errors.push(message),
      });
      await until(() => errors.length > 0 && issuer.counts.stream > 1);
      assert.equal(await verdict(verifier.verify(token())), 7);
    }
  });
});
