/** A Gatepass that signs with a public key, and the tokens of a logged-in user. */
import type { TestContext } from 'node:test';
import { startService } from '../../support/service.ts';

const account = { email: 'ada@example.com', password: 'correct horse 9 battery' };

export type Gatepass = Awaited<ReturnType<typeof startGatepass>>;

export async function startGatepass(t: TestContext, alg: 'EdDSA' | 'ES256' | 'RS256') {
  let offset = 0;
  const clock = { now: () => Date.now() + offset };
  const variables = {
    GATEPASS_SIGNING_ALG: alg,
    GATEPASS_KEY_ROTATION: 'off',
    GATEPASS_FORWARD_CLAIMS: 'role',
  };
  const { app, stop } = await startService(variables, clock);
  t.after(stop);
  const url = app.listeningOrigin;
  const call = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    return (await answer.json()) as { access: string; refresh: string };
  };
  await call('/api/users', account);
  // Ten minutes ago, for everybody who has the right time.
  offset = -600_000;
  const expired = (await call('/api/token', account)).access;
  offset = 0;
  const { access, refresh } = await call('/api/token', account);
  return {
    url,
    tokens: { access, refresh, expired },
    logout: () => call('/api/token/blacklist', { refresh }),
  };
}
