/**
 * Leaving Django: users with every hasher it has log in there, it stops, Gatepass takes its port.
 * No user is logged out, and none sets a new password.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { post } from '../../packages/server/test/support/process.ts';
import { STACKS } from './django.ts';
import { logIn, loginAll, me, moveIn, prepare } from './moving.ts';

// Where the hashes do not matter: those of PBKDF2 cost seconds.
const QUICK = { DJANGO_HASHERS: 'Argon2' };

for (const stack of STACKS) {
  const { name, missing: skip } = stack;
  test(`the live cut-over from ${name}`, { skip }, async (t) => {
    const { directory, secret, django } = await prepare(t, stack);
    await django.start();
    const pairs = await loginAll(django);
    const [[loggedOut, tokens] = ['', { access: '', refresh: '' }]] = pairs;
    const { refresh } = tokens;
    assert.equal((await post(django.url, '/api/token/blacklist', { refresh }))?.status, 200);
    const whoIs = new Map<string, unknown>();
    for (const [email, { access }] of pairs) whoIs.set(email, (await me(django.url, access)).body);
    await django.stop();

    const server = await moveIn(t, directory, {
      GATEPASS_SECRET: secret,
      GATEPASS_PORT: String(django.port),
    });
    assert.equal(server.url, django.url);
    for (const [email, { access, refresh }] of pairs) {
      assert.equal((await post(server.url, '/api/token/verify', { token: access }))?.status, 200);
      assert.deepEqual((await me(server.url, access)).body, whoIs.get(email));
      const refreshed = await post(server.url, '/api/token/refresh', { refresh });
      if (email === loggedOut) assert.equal(refreshed?.body['reason'], 'revoked');
      else {
        assert.equal(refreshed?.status, 200, email);
        const renewed = String(refreshed?.body['access']);
        assert.deepEqual((await me(server.url, renewed)).body, whoIs.get(email));
      }
    }
    for (const [email, password] of django.users) await logIn(server.url, email, password);
    assert.equal(
      (
        await post(server.url, '/api/token', {
          email: 'off@example.com',
          password: 'x'.repeat(80),
        })
      )?.status,
      401,
    );
    const database = new DatabaseSync(join(directory, 'data/gatepass.db'), { readOnly: true });
    t.after(() => database.close());
    const rows = database.prepare('select password_hash from users where is_active = 1').all();
    assert.equal(rows.length, django.users.length);
    for (const row of rows)
      assert.match(String(row['password_hash']), /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    for (const [email, password] of django.users) await logIn(server.url, email, password);
  });

  test(`with rotation a token of ${name} becomes a session at its first refresh`, {
    skip,
  }, async (t) => {
    const { directory, secret, django } = await prepare(t, stack, QUICK);
    await django.start();
    const [[email, password] = ['', '']] = django.users;
    const pair = await logIn(django.url, email, password);
    await django.stop();
    const server = await moveIn(t, directory, {
      GATEPASS_SECRET: secret,
      GATEPASS_ROTATE_REFRESH_TOKENS: 'true',
    });
    const first = await post(server.url, '/api/token/refresh', { refresh: pair.refresh });
    assert.equal(first?.status, 200);
    // Django's token has one successor, however often it comes.
    const again = await post(server.url, '/api/token/refresh', { refresh: pair.refresh });
    assert.equal(again?.body['refresh'], first?.body['refresh']);
    const access = String(first?.body['access']);
    const { body } =
      (await post(server.url, '/api/token/blacklist', {
        refresh: first?.body['refresh'],
      })) ?? {};
    assert.deepEqual(body, {});
    assert.equal((await me(server.url, access)).status, 401);
    const late = await post(server.url, '/api/token/refresh', { refresh: pair.refresh });
    assert.equal(late?.body['reason'], 'revoked');
  });

  test(`services that stay with ${name} accept the tokens of Gatepass`, { skip }, async (t) => {
    const { directory, secret, django } = await prepare(t, stack, QUICK);
    await django.start();
    const server = await moveIn(t, directory, { GATEPASS_SECRET: secret });
    const [[email, password] = ['', '']] = django.users;
    const { access, refresh } = await logIn(server.url, email, password);
    const { body } = await me(server.url, access);
    assert.deepEqual((await me(django.url, access)).body, body);
    assert.equal((await post(django.url, '/api/token/verify', { token: access }))?.status, 200);
    assert.equal((await post(django.url, '/api/token/refresh', { refresh }))?.status, 200);
  });
}
