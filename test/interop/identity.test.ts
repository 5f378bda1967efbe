/**
 * AB08: no request can choose its identity. The proxies of examples/ in front of backends of each
 * family, with the identity headers in every spelling that some backend accepts.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { test } from 'node:test';
import { type Backend, backends, type Named } from './support/backends.ts';
import { type Gatepass, startGatepass } from './support/gatepass.ts';
import {
  haproxyWith,
  NO_APACHE,
  NO_CADDY,
  NO_ENVOY,
  NO_HAPROXY,
  NO_NGINX,
  NO_NJS,
  type StartProxy,
  startApache,
  startCaddy,
  startEnvoy,
  startNginx,
  startNjs,
} from './support/proxies.ts';

type Headers = Record<string, string | string[]>;
type Alg = Parameters<typeof startGatepass>[1];

const proxies: [name: string, alg: Alg, missing: string | false, start: StartProxy][] = [
  ['nginx', 'EdDSA', NO_NGINX, startNginx],
  ['Caddy', 'EdDSA', NO_CADDY, startCaddy],
  ['HAProxy', 'ES256', NO_HAPROXY, haproxyWith('ES256')],
  ['Apache', 'ES256', NO_APACHE, startApache],
  ['Envoy', 'ES256', NO_ENVOY, startEnvoy],
  ['njs', 'ES256', NO_NJS, startNjs],
];

/** A header's name with each of the separators in each place. */
const spellings = (words: readonly string[], separators: readonly string[]): string[] =>
  words.reduce<string[]>(
    (names, word) =>
      names.length === 0
        ? [word]
        : names.flatMap((name) => separators.map((separator) => name + separator + word)),
    [],
  );
const USER = ['X', 'Gatepass', 'User', 'Id'];
const SESSION = ['X', 'Gatepass', 'Session', 'Id'];
const ROLE = ['X', 'Gatepass', 'Claim', 'Role'];
const [REAL_USER, REAL_SESSION] = [USER.join('-'), SESSION.join('-')];
const FORGED = '999';

const names = [
  ...spellings(USER, ['-', '_']),
  ...spellings(SESSION, ['-', '_']),
  ...spellings(ROLE, ['-', '_']),
  ...[REAL_USER.toUpperCase(), REAL_USER.toLowerCase(), 'x-gatepass_USER-iD', 'X_GATEPASS-user_ID'],
  ...spellings(USER, ['-', '.']),
];
const all = Object.fromEntries(names.map((name) => [name, FORGED]));

/** What an attacker sends beside a good token of their own. */
const attacks: Headers[] = names.flatMap((name) => [
  { [name]: FORGED },
  { [name]: [FORGED, '998'] },
  { [name]: FORGED, connection: `close, ${REAL_USER}` },
  { [name]: FORGED, connection: `close, ${name}, ${REAL_SESSION}` },
]);
attacks.push(
  all,
  { ...all, connection: `close, ${REAL_USER}, ${REAL_SESSION}` },
  { connection: `close, ${REAL_USER}` },
  { connection: `${REAL_SESSION.toLowerCase()}, keep-alive, x-gatepass-user-id` },
  { 'proxy-connection': REAL_USER, connection: 'close, authorization' },
);

async function ask(port: number, headers: Headers, method = 'GET', path = '/me') {
  const call = request({ port, host: '127.0.0.1', path, method, headers, agent: false }).end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode ?? 0, text };
}

/** A proxy that asks Gatepass gets a dash for a claim that the token does not have. */
function namedIn(text: string): Named {
  const named: Named = JSON.parse(text);
  return { ...named, role: named.role.filter((value) => value !== '-' && value !== '') };
}

async function expectOwnNames(port: number, { tokens }: Gatepass): Promise<void> {
  const authorization = `Bearer ${tokens.access}`;
  const [, payload = ''] = tokens.access.split('.');
  const { sid } = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const own = { user: ['1'], session: [sid], role: [] };
  assert.deepEqual(namedIn((await ask(port, { authorization })).text), own, 'without an attack');
  for (const attack of attacks) {
    const { status, text } = await ask(port, { authorization, ...attack });
    const what = `${JSON.stringify(attack)}: ${status} ${text}`;
    // A backend or proxy may refuse such a request, and one that is left without a token is refused.
    if (status !== 200) assert.ok([400, 401].includes(status), what);
    else assert.deepEqual(namedIn(text), own, what);
  }
}

const NOBODY: Named = { user: [], session: [], role: [] };

async function expectPreflights(port: number, { tokens }: Gatepass): Promise<void> {
  const origin = 'https://app.example.com';
  const preflight = { origin, 'access-control-request-method': 'POST' };
  const good = { authorization: `Bearer ${tokens.access}` };
  const forged = { authorization: 'Bearer forged' };
  for (const more of [{}, all, forged, { ...all, ...good }, ...attacks.slice(0, 40)]) {
    const { status, text } = await ask(port, { ...preflight, ...more }, 'OPTIONS');
    const what = `${JSON.stringify(more)}: ${status} ${text}`;
    if (status !== 200) assert.equal(status, 400, what);
    else assert.deepEqual(namedIn(text), NOBODY, what);
  }
  const guarded: [method: string, headers: Headers][] = [
    ['OPTIONS', { origin }],
    ['OPTIONS', { origin, access_control_request_method: 'POST' }],
    ['GET', { ...preflight, ...all }],
    ['POST', { ...preflight, 'x-http-method-override': 'OPTIONS' }],
    ['POST', { ...preflight, 'x-forwarded-method': 'OPTIONS', 'x-original-method': 'OPTIONS' }],
  ];
  for (const [method, headers] of guarded)
    assert.match(
      String((await ask(port, headers, method)).status),
      /^40[01]$/,
      JSON.stringify([method, headers]),
    );
}

const PATHS = [
  ...['/%6de', '//me', '/./me', '/x/../me', '/%2e%2e/me', '/me%2f', '/me;x=1', '/me%00', '/ME'],
  ...['/_gatepass', '/%5fgatepass', '//_gatepass', '/_gatepass/', '/api/token/verify'],
];

async function expectNoWayRound(port: number): Promise<void> {
  for (const path of PATHS) {
    const { status, text } = await ask(port, all, 'GET', path);
    assert.ok([400, 401, 404].includes(status), `${path}: ${status} ${text}`);
  }
}

for (const [proxy, alg, missing, startProxy] of proxies)
  for (const backend of backends as readonly Backend[])
    test(`AB08 ${proxy} before ${backend.name}: a client cannot claim another identity than its token's`, {
      skip: missing || backend.missing,
    }, async (t) => {
      const gatepass = await startGatepass(t, alg);
      const port = await startProxy(t, gatepass, await backend.start(t));
      await expectOwnNames(port, gatepass);
      await expectPreflights(port, gatepass);
      await expectNoWayRound(port);
    });
