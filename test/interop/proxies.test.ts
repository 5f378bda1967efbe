/** Proxies in front of an API: the ones of examples/, as they are, on ports of their own. */
import { test } from 'node:test';
import { startGatepass } from './support/gatepass.ts';
import { listen } from './support/programs.ts';
import {
  haproxyWith,
  NO_CADDY,
  NO_ENVOY,
  NO_HAPROXY,
  NO_NGINX,
  startCaddy,
  startEnvoy,
  startNginx,
} from './support/proxies.ts';
import { api, expectGuarded, expectLogout, expectNoLogout } from './support/story.ts';

test('nginx asks with auth_request', { skip: NO_NGINX }, async (t) => {
  const gatepass = await startGatepass(t, 'EdDSA');
  const port = await startNginx(t, gatepass, await listen(t, api));
  await expectGuarded(port, gatepass);
  await expectLogout(port, gatepass);
});

test('Caddy asks with forward_auth', { skip: NO_CADDY }, async (t) => {
  const gatepass = await startGatepass(t, 'EdDSA');
  const port = await startCaddy(t, gatepass, await listen(t, api));
  await expectGuarded(port, gatepass);
  await expectLogout(port, gatepass);
});

for (const alg of ['ES256', 'RS256'] as const)
  test(`HAProxy verifies ${alg} by itself`, { skip: NO_HAPROXY }, async (t) => {
    const gatepass = await startGatepass(t, alg);
    const port = await haproxyWith(alg)(t, gatepass, await listen(t, api));
    await expectGuarded(port, gatepass);
    await expectNoLogout(port, gatepass);
  });

for (const alg of ['ES256', 'EdDSA'] as const)
  test(`Envoy verifies ${alg} by itself`, { skip: NO_ENVOY }, async (t) => {
    const gatepass = await startGatepass(t, alg);
    const port = await startEnvoy(t, gatepass, await listen(t, api));
    await expectGuarded(port, gatepass);
    await expectNoLogout(port, gatepass);
  });
