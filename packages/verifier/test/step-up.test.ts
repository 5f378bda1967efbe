/** `requireRecent` and `requireFactor`, in every framework, and their functions. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { test } from 'node:test';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import * as forExpress from '../src/express.ts';
import * as forFastify from '../src/fastify.ts';
import * as forHono from '../src/hono.ts';
import { createVerifier, hasFactor, isRecent, type Verifier } from '../src/index.ts';
import { mintHs256, SECRET } from './mint.ts';
import { goodClaims } from './support/issuer.ts';

const STEPPED = { requireRecent: 10, requireFactor: true };
const AMR = ['pwd', 'otp', 'mfa'];

const apis: Record<string, (verifier: Verifier) => Promise<RequestListener>> = {
  async express(verifier) {
    const app = express();
    const stepped = forExpress.requireAccessToken(verifier, STEPPED);
    app.get('/', stepped, (request, response) => {
      response.json({ user: forExpress.claimsOf(request).sub });
    });
    return app;
  },
  async fastify(verifier) {
    const app = fastify();
    const onRequest = forFastify.requireAccessToken(verifier, STEPPED);
    app.get('/', { onRequest }, async (request) => ({ user: forFastify.claimsOf(request).sub }));
    await app.ready();
    return (request, response) => app.routing(request, response);
  },
  async hono(verifier) {
    const app = new Hono();
    app.get('/', forHono.requireAccessToken(verifier, STEPPED), (c) =>
      c.json({ user: forHono.claimsOf(c).sub }),
    );
    return getRequestListener(app.fetch);
  },
};

for (const [name, api] of Object.entries(apis))
  test(`${name}: a token without a second factor, or of an old login, is refused`, async (t) => {
    const verifier = createVerifier({ secret: SECRET });
    const server = createServer(await api(verifier)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
    const ask = async (claims: object) => {
      const token = mintHs256({ alg: 'HS256' }, goodClaims(claims));
      const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
      const challenge = response.headers.get('www-authenticate') ?? '';
      return { status: response.status, body: JSON.parse(await response.text()), challenge };
    };
    const now = Math.floor(Date.now() / 1000);
    assert.deepEqual((await ask({ auth_time: now - 60, amr: AMR })).body, { user: '7' });
    for (const amr of [undefined, ['pwd'], 'mfa', [['mfa']], null]) {
      const { status, body } = await ask({ auth_time: now, amr });
      assert.deepEqual([status, body.code], [403, 'second_factor_required'], JSON.stringify(amr));
    }
    for (const auth_time of [undefined, now - 3600, String(now), null]) {
      const { status, body, challenge } = await ask({ auth_time, amr: AMR });
      assert.deepEqual([status, body.code], [403, 'reauthentication_required']);
      assert.match(challenge, /error="insufficient_user_authentication", max_age="600"$/);
    }
  });

test('isRecent counts to the second, and hasFactor asks for mfa', () => {
  const claims = { auth_time: 1000, amr: AMR };
  assert.deepEqual(
    [1599, 1600, 1601].map((now) => isRecent(claims, 10, now)),
    [true, true, false],
  );
  assert.equal(isRecent(Object.create({ auth_time: 1000 }), 10, 1000), false, 'inherited');
  assert.equal(isRecent({}, 10), false);
  assert.equal(hasFactor(claims), true);
  assert.equal(hasFactor({ amr: ['pwd', 'otp'] }), false);
});

test('invalid minutes, and a guard with optional tokens, are TypeErrors', () => {
  const verifier = createVerifier({ secret: SECRET });
  const guard = (options: object) => forHono.requireAccessToken(verifier, options);
  for (const requireRecent of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '10', undefined])
    assert.throws(() => guard({ requireRecent }), TypeError);
  assert.throws(() => isRecent({}, 0), TypeError);
  for (const needing of [{ requireRecent: 10 }, { requireFactor: true }])
    assert.throws(() => guard({ optional: true, ...needing }), /cannot stand beside "optional"/);
});
