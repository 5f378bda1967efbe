/** The behaviour of every guarded API, with any guard. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { type IncomingMessage, request } from 'node:http';
import type { Gatepass } from './gatepass.ts';

/** The API behind a proxy: says whom the proxy's headers name, and shows all spellings of them. */
export const api: RequestListener = ({ rawHeaders, headers }, response) => {
  const named = rawHeaders.filter(
    (name, i) => i % 2 === 0 && /gatepass(?!-claim-role$)/i.test(name),
  );
  const [user, session] = [headers['x-gatepass-user-id'], headers['x-gatepass-session-id']];
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ user, session, named: named.length }));
};

type Headers = Record<string, string | string[]>;

export async function ask(port: number, headers: Headers = {}, method = 'GET') {
  const call = request({ method, port, host: '127.0.0.1', path: '/me', headers, agent: false });
  call.end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, headers: response.headers, text };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** 200 for the valid token, 401 for all others, and no client chooses its identity. */
export async function expectGuarded(port: number, { tokens }: Gatepass): Promise<void> {
  const injected = {
    'X-Gatepass-User-Id': '999',
    'X-Gatepass-Session-Id': 'x',
    X_Gatepass_User_Id: '999',
  };
  const [, payload = ''] = tokens.access.split('.');
  const { sid } = JSON.parse(Buffer.from(payload, 'base64url').toString());
  for (const extra of [{}, injected, { ...injected, 'x-gatepass-user-id': ['998', '999'] }]) {
    const { status, text } = await ask(port, { ...bearer(tokens.access), ...extra });
    assert.equal(status, 200, text);
    const { user, session, named } = JSON.parse(text);
    assert.deepEqual({ user, session }, { user: '1', session: sid });
    if (named !== undefined) assert.equal(named, 2, 'headers that name a user');
  }
  const forged = tokens.access.replace(/\.[^.]*$/, `.${'A'.repeat(86)}`);
  const cases: Record<string, Headers> = {
    'no token': {},
    'no token, but a name': injected,
    garbage: bearer('garbage'),
    'another scheme': { authorization: `Basic ${tokens.access}` },
    'a forged signature': bearer(forged),
    'an expired token': { ...bearer(tokens.expired), ...injected },
    'a refresh token': { ...bearer(tokens.refresh), ...injected },
  };
  for (const [what, headers] of Object.entries(cases)) {
    const answer = await ask(port, headers);
    assert.equal(answer.status, 401, `${what}: ${answer.text}`);
    const challenge = /^Bearer realm="(?:api|http:[^"]+)"(, error="invalid_token")?$/;
    assert.match(String(answer.headers['www-authenticate']), challenge, what);
    assert.doesNotMatch(answer.text, /eyJ/, what);
  }
}

/** After a logout the token is refused, at once or very soon. */
export async function expectLogout(port: number, gatepass: Gatepass): Promise<number> {
  const { access } = gatepass.tokens;
  assert.equal((await ask(port, bearer(access))).status, 200);
  await gatepass.logout();
  const since = performance.now();
  while ((await ask(port, bearer(access))).status !== 401) {
    assert.ok(performance.now() - since < 20_000, 'the logout does not count');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return Math.round(performance.now() - since);
}

/** A token verified without Gatepass stays valid until it expires, as documented. */
export async function expectNoLogout(port: number, gatepass: Gatepass): Promise<void> {
  await gatepass.logout();
  assert.equal((await ask(port, bearer(gatepass.tokens.access))).status, 200);
}
