/** RF21, RF22: other people's HTTP clients, refreshing as their documentation says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clients, type Get } from './support/refreshing/clients.ts';
import { startHttpx, withoutHttpx } from './support/refreshing/httpx.ts';
import { createNextApp } from './support/refreshing/next-auth.ts';
import { startSlowService, type Tokens } from './support/refreshing/slow-service.ts';

const USERS = 3;
const EXPIRIES = 12;
const PARALLEL = 6;
/** Of a request whose token has expired: refused, refreshed, repeated. */
const ROUNDS = 3;

const title = 'no session is lost in 12 expiries with 6 parallel requests each';

for (const lost of [0, 0.2]) {
  const names = Object.keys(clients).join(', ');
  test(`RF21 ${title}, ${lost * 100} % of the refreshed tokens lost (${names})`, async (t) => {
    const requests = Object.keys(clients).length * USERS * PARALLEL * ROUNDS;
    const service = await startSlowService(t, { seed: 21, requests, lost });
    const users: { library: string; tokens: Tokens; get: Get }[] = [];
    for (const [library, make] of Object.entries(clients)) {
      for (let i = 0; i < USERS; i++) {
        const tokens = await service.logIn(`${library}${i}@example.com`);
        users.push({ library, tokens, get: make(service.url, tokens) });
      }
    }
    let failures = 0;
    for (let expiry = 0; expiry < EXPIRIES; expiry++) {
      service.expire();
      const burst = users.flatMap(({ get }) => Array.from({ length: PARALLEL }, get));
      const results = await Promise.allSettled(burst);
      // As text: errors of HTTP clients hold whole connections, which a comparison would walk.
      const failed = results.flatMap((each) =>
        each.status === 'rejected' ? [String(each.reason)] : [],
      );
      if (lost === 0) assert.deepEqual(failed, [], `expiry ${expiry}`);
      failures += failed.length;
    }
    for (const { library, tokens } of users) assert.ok(await service.lives(tokens), library);
    const { rotations, ended } = await service.ends();
    t.diagnostic(`${users.length} sessions, ${rotations} rotations, ${failures} requests failed`);
    assert.equal(ended, 0);
    assert.ok(rotations > users.length * 4, 'nothing was rotated');
    assert.equal(failures > 0, lost > 0);
  });
}

test(`RF21 ${title} (httpx)`, { skip: withoutHttpx }, async (t) => {
  const service = await startSlowService(t, {
    seed: 22,
    requests: USERS * PARALLEL * ROUNDS,
    lost: 0,
  });
  const sessions: Tokens[] = [];
  for (let i = 0; i < USERS; i++) sessions.push(await service.logIn(`httpx${i}@example.com`));
  const burst = startHttpx(t, { url: service.url, parallel: PARALLEL, sessions });
  let last = sessions;
  for (let expiry = 0; expiry < EXPIRIES; expiry++) {
    service.expire();
    const outcome = await burst();
    assert.equal(outcome.failed, 0, `expiry ${expiry}`);
    last = outcome.sessions;
  }
  for (const tokens of last) assert.ok(await service.lives(tokens));
  const { rotations, ended } = await service.ends();
  t.diagnostic(`${USERS} sessions, ${rotations} rotations`);
  assert.equal(ended, 0);
});

test("RF22 no session is lost by next-auth's recipe in server components, whose results are lost", async (t) => {
  const service = await startSlowService(t, { seed: 23, requests: PARALLEL, lost: 0 });
  const tokens = await service.logIn('next@example.com');
  const app = createNextApp(tokens, service);
  for (let expiry = 0; expiry < EXPIRIES; expiry++) {
    service.expire();
    const pages = await Promise.all(Array.from({ length: PARALLEL }, app.page));
    assert.deepEqual(new Set(pages), new Set([true]), `pages after expiry ${expiry}`);
    service.advance(10_500);
    const sessions = await Promise.all([app.page(), app.session(), app.session()]);
    assert.deepEqual(new Set(sessions), new Set([true]), `session after expiry ${expiry}`);
  }
  assert.ok(await service.lives(app.tokens()));
  const { rotations, ended } = await service.ends();
  t.diagnostic(`${rotations} rotations`);
  assert.equal(ended, 0);
  assert.ok(rotations >= EXPIRIES);
});
