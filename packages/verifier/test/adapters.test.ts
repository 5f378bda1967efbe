/** One story for every framework, told through real HTTP. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, request } from 'node:http';
import { type TestContext, test } from 'node:test';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import * as forExpress from '../src/express.ts';
import * as forFastify from '../src/fastify.ts';
import * as forHono from '../src/hono.ts';
import { createVerifier, type Verifier } from '../src/index.ts';
import { mintHs256, SECRET } from './mint.ts';
import { goodClaims, startIssuer } from './support/issuer.ts';

type Api = (verifier: Verifier) => RequestListener | Promise<RequestListener>;

type Custom = { readonly role?: string };
const ADMIN = { role: ['admin', 'owner'], is_staff: true };

/** `/me` behind the guard, `/open` in front of it but asking for claims all the same. */
const apis: Record<string, Api> = {
  express(verifier) {
    const app = express();
    app.get('/me', forExpress.requireAccessToken(verifier), (request, response) => {
      response.json({ user: forExpress.claimsOf(request).sub });
    });
    app.get('/open', (request, response) => {
      response.json(forExpress.claimsOf(request));
    });
    const guard = forExpress.requireAccessToken(verifier, { optional: true });
    app.all('/maybe', guard, (request, response) => {
      response.json({ user: forExpress.optionalClaimsOf(request)?.sub ?? 'guest' });
    });
    const admin = forExpress.requireAccessToken(verifier, { requireClaim: ADMIN });
    app.all('/admin', admin, (request, response) => {
      response.json({ role: forExpress.optionalClaimsOf<Custom>(request)?.role ?? 'preflight' });
    });
    app.options('/me', forExpress.requireAccessToken(verifier), (request, response) => {
      response.json({ user: forExpress.optionalClaimsOf(request)?.sub ?? 'preflight' });
    });
    return app;
  },

  async fastify(verifier) {
    const app = fastify();
    const onRequest = forFastify.requireAccessToken(verifier);
    app.get('/me', { onRequest }, async (request) => ({ user: forFastify.claimsOf(request).sub }));
    app.get('/open', async (request) => forFastify.claimsOf(request));
    const maybe = forFastify.requireAccessToken(verifier, { optional: true });
    app.get('/maybe', { onRequest: maybe }, async (request) => ({
      user: forFastify.optionalClaimsOf(request)?.sub ?? 'guest',
    }));
    const admin = forFastify.requireAccessToken(verifier, { requireClaim: ADMIN });
    app.all('/admin', { onRequest: admin }, async (request) => ({
      role: forFastify.optionalClaimsOf<Custom>(request)?.role ?? 'preflight',
    }));
    app.options('/me', { onRequest }, async (request) => ({
      user: forFastify.optionalClaimsOf(request)?.sub ?? 'preflight',
    }));
    await app.ready();
    return (request, response) => app.routing(request, response);
  },

  hono(verifier) {
    const app = new Hono();
    app.get('/me', forHono.requireAccessToken(verifier), (c) =>
      c.json({ user: forHono.claimsOf(c).sub }),
    );
    app.get('/open', (c) => c.json(forHono.claimsOf(c)));
    app.get('/maybe', forHono.requireAccessToken(verifier, { optional: true }), (c) =>
      c.json({ user: forHono.optionalClaimsOf(c)?.sub ?? 'guest' }),
    );
    app.all('/admin', forHono.requireAccessToken(verifier, { requireClaim: ADMIN }), (c) =>
      c.json({ role: forHono.optionalClaimsOf<Custom>(c)?.role ?? 'preflight' }),
    );
    app.options('/me', forHono.requireAccessToken(verifier), (c) =>
      c.json({ user: forHono.optionalClaimsOf(c)?.sub ?? 'preflight' }),
    );
    app.onError((_, c) => c.text('failed', 500));
    return getRequestListener(app.fetch);
  },
};

async function serve(t: TestContext, api: Api, verifier: Verifier) {
  t.after(() => verifier.close());
  const server = createServer(await api(verifier)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return async (call: string, authorization: string[], extra: Record<string, string> = {}) => {
    const [method, path] = call.split(' ');
    const sent = request({ port, method, path, agent: false, headers: extra });
    // node:http sends a header twice where fetch would join the two.
    if (authorization.length > 0) sent.setHeader('authorization', authorization);
    sent.end();
    const [response] = await once(sent, 'response');
    let text = '';
    for await (const chunk of response) text += chunk;
    return { status: response.statusCode, headers: response.headers, text };
  };
}

const token = (claims: object = {}) => mintHs256({ alg: 'HS256' }, goodClaims(claims));
const INVALID = 'Given token not valid for any token type';

for (const [name, api] of Object.entries(apis)) {
  test(`${name}: a valid token passes, and others are refused like by the service`, async (t) => {
    const get = await serve(t, api, createVerifier({ secret: SECRET }));
    for (const scheme of ['Bearer', 'bearer']) {
      const { status, text } = await get('GET /me', [`${scheme} ${token()}`]);
      assert.deepEqual([status, text], [200, '{"user":"7"}']);
    }
    const expired = token({ exp: 1, canary: 'canary' });
    const invalid = (reason: string) => ({ detail: INVALID, code: 'token_not_valid', reason });
    const missing = { detail: 'Authentication credentials were not provided.' };
    const malformed = {
      detail: 'Authorization header must contain two space-delimited values',
      code: 'bad_authorization_header',
    };
    const cases: [string[], object][] = [
      [[], missing],
      [[''], missing],
      [['Basic YTpi'], missing],
      [['Bearer'], malformed],
      [[`Bearer ${token()} x`], malformed],
      [[`Bearer ${token()}`, `Bearer ${token()}`], malformed],
      [['Bearer canary'], invalid('malformed')],
      [[`Bearer ${expired}`], invalid('expired')],
      [[`Bearer ${token({ token_type: 'refresh' })}`], invalid('wrong_type')],
      [[`Bearer ${mintHs256({ alg: 'HS256' }, goodClaims(), 'canary')}`], invalid('bad_signature')],
    ];
    for (const [authorization, body] of cases) {
      const { status, headers, text } = await get('GET /me', authorization);
      assert.deepEqual([status, JSON.parse(text)], [401, body], String(authorization));
      // RFC 6750 §3.1: no error where there were no credentials.
      const challenge = body === missing ? '' : ', error="invalid_token"';
      assert.equal(headers['www-authenticate'], `Bearer realm="api"${challenge}`);
      assert.equal(headers['cache-control'], 'no-store');
      assert.match(headers['content-type'], /^application\/json/);
      assert.doesNotMatch(text + JSON.stringify(headers), /canary|eyJ/);
    }
  });

  test(`${name}: a token that cannot be checked is 503, and a route without guard has no claims`, async (t) => {
    const issuer = await startIssuer(t);
    const { jwksUrl } = issuer;
    await issuer.stop();
    const get = await serve(t, api, createVerifier({ jwksUrl }));
    const { status, headers, text } = await get('GET /me', [
      `Bearer ${mintHs256({ alg: 'EdDSA', kid: 'a' }, goodClaims())}`,
    ]);
    assert.deepEqual([status, headers['retry-after']], [503, '1']);
    assert.equal(JSON.parse(text).code, 'unavailable');
    assert.equal((await get('GET /open', [`Bearer ${token()}`])).status, 500);
  });

  test(`${name}: an error that is not a refusal goes to the error handler`, async (t) => {
    const verifier = createVerifier({ secret: SECRET });
    const broken = { ...verifier, verify: () => Promise.reject(new Error('a bug')) };
    const get = await serve(t, api, broken);
    assert.equal((await get('GET /me', [`Bearer ${token()}`])).status, 500);
  });

  test(`${name}: a preflight passes, and lookalikes do not`, async (t) => {
    const ask = await serve(t, api, createVerifier({ secret: SECRET }));
    const asking = { 'access-control-request-method': 'GET', origin: 'https://app.example' };
    const { status, text } = await ask('OPTIONS /me', [], asking);
    assert.deepEqual([status, text], [200, '{"user":"preflight"}']);
    assert.equal((await ask('OPTIONS /me', [], { origin: 'https://app.example' })).status, 401);
    assert.equal((await ask('GET /me', [], asking)).status, 401);
    assert.equal((await ask('HEAD /me', [], asking)).status, 401);
  });

  test(`${name}: a token may be optional, and an invalid one is still refused`, async (t) => {
    const ask = await serve(t, api, createVerifier({ secret: SECRET }));
    const cases: [string[], number, string][] = [
      [[], 200, 'guest'],
      [['Basic YTpi'], 200, 'guest'],
      [[`Bearer ${token()}`], 200, '7'],
      [[`Bearer ${token({ exp: 1 })}`], 401, 'expired'],
      [[`Bearer ${token({ token_type: 'refresh' })}`], 401, 'wrong_type'],
      [['Bearer'], 401, 'bad_authorization_header'],
      [[`Bearer ${token()}`, `Bearer ${token()}`], 401, 'bad_authorization_header'],
    ];
    for (const [authorization, expected, word] of cases) {
      const { status, text } = await ask('GET /maybe', authorization);
      assert.equal(status, expected, String(authorization));
      assert.ok(text.includes(`"${word}"`), text);
    }
  });

  test(`CL02 ${name}: a valid token without a required claim is 403`, async (t) => {
    const ask = await serve(t, api, createVerifier({ secret: SECRET }));
    const cases: [object, number, string][] = [
      [{ role: 'admin', is_staff: true }, 200, 'admin'],
      [{ role: ['sales', 'owner'], is_staff: true }, 200, 'owner'],
      [{ role: 'admin', is_staff: 'true' }, 403, 'permission_denied'],
      [{ role: 'user', is_staff: true }, 403, 'permission_denied'],
      [{}, 403, 'permission_denied'],
      [{ role: 'admin', is_staff: true, exp: 1 }, 401, 'expired'],
    ];
    for (const [claims, expected, word] of cases) {
      const { status, headers, text } = await ask('GET /admin', [`Bearer ${token(claims)}`]);
      assert.equal(status, expected, JSON.stringify(claims));
      assert.ok(text.includes(`"${word}"`), text);
      if (status === 403)
        assert.equal(headers['www-authenticate'], 'Bearer realm="api", error="insufficient_scope"');
    }
    assert.equal((await ask('GET /admin', [])).status, 401);
    const asking = { 'access-control-request-method': 'GET', origin: 'https://app.example' };
    assert.equal((await ask('OPTIONS /admin', [], asking)).text, '{"role":"preflight"}');
  });

  test(`${name}: the adapter has at most 40 lines of code`, () => {
    const source = readFileSync(new URL(`../src/${name}.ts`, import.meta.url), 'utf8');
    const code = source.replace(/\/\*\*.*?\*\//gs, '').split('\n');
    assert.ok(code.filter((line) => line.trim() !== '').length <= 40);
  });
}

test('an unknown option of a guard is a TypeError', () => {
  const verifier = createVerifier({ secret: SECRET });
  for (const { requireAccessToken } of [forExpress, forFastify, forHono])
    for (const options of [{ optionl: true }, { optional: 'yes' }, { optional: undefined }])
      assert.throws(
        () => requireAccessToken(verifier, options as never),
        (error) => error instanceof TypeError && /"option\w+"/.test(error.message),
      );
  for (const { requireAccessToken } of [forExpress, forFastify, forHono])
    for (const requireClaim of [undefined, {}, 'admin', { role: undefined }, { role: [] }])
      assert.throws(() => requireAccessToken(verifier, { requireClaim } as never), TypeError);
  assert.throws(
    () => forHono.requireAccessToken(verifier, { optional: true, requireClaim: { role: 'x' } }),
    /cannot stand beside "optional"/,
  );
});
