/** Proxies in front of an API: the ones of examples/, as they are, on ports of their own. */
import { createPublicKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startGatepass } from './support/gatepass.ts';
import { copyOf, freePort, isMissing, listen, start } from './support/programs.ts';
import { api, expectGuarded, expectLogout, expectNoLogout } from './support/story.ts';

test('nginx asks with auth_request', { skip: isMissing('nginx', '-v') }, async (t) => {
  const gatepass = await startGatepass(t, 'EdDSA');
  const [port, backend] = [await freePort(), await listen(t, api)];
  const cwd = copyOf(t, 'nginx', 'nginx.conf', {
    '127.0.0.1:8000': new URL(gatepass.url).host,
    '127.0.0.1:8080': `127.0.0.1:${port}`,
    '127.0.0.1:9000': `127.0.0.1:${backend}`,
  });
  const settings = `daemon off; master_process off; pid ${join(cwd, 'nginx.pid')};`;
  const args = ['-p', cwd, '-c', 'nginx.conf', '-e', 'stderr', '-g', settings];
  await start(t, port, { program: 'nginx', args });
  await expectGuarded(port, gatepass);
  await expectLogout(port, gatepass);
});

test('Caddy asks with forward_auth', { skip: isMissing('caddy', 'version') }, async (t) => {
  const gatepass = await startGatepass(t, 'EdDSA');
  const [port, backend] = [await freePort(), await listen(t, api)];
  const cwd = copyOf(t, 'caddy', 'Caddyfile', {
    '127.0.0.1:8000': new URL(gatepass.url).host,
    '127.0.0.1:8080': `127.0.0.1:${port}`,
    '127.0.0.1:9000': `127.0.0.1:${backend}`,
  });
  const env = { HOME: cwd, XDG_DATA_HOME: cwd, XDG_CONFIG_HOME: cwd };
  await start(t, port, { program: 'caddy', args: ['run'], cwd, env });
  await expectGuarded(port, gatepass);
  await expectLogout(port, gatepass);
});

for (const alg of ['ES256', 'RS256'] as const)
  test(`HAProxy verifies ${alg} by itself`, { skip: isMissing('haproxy', '-v') }, async (t) => {
    const gatepass = await startGatepass(t, alg);
    const [port, backend] = [await freePort(), await listen(t, api)];
    const cwd = copyOf(t, 'haproxy', 'haproxy.cfg', {
      '127.0.0.1:8080': `127.0.0.1:${port}`,
      '127.0.0.1:9000': `127.0.0.1:${backend}`,
      ES256: alg,
    });
    const { keys } = (await (await fetch(`${gatepass.url}/.well-known/jwks.json`)).json()) as {
      keys: { alg: string; kid: string }[];
    };
    const [header = ''] = gatepass.tokens.access.split('.');
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
    const jwk = keys.find((key) => key.kid === kid) ?? {};
    const pem = createPublicKey({ key: jwk, format: 'jwk' }).export({
      format: 'pem',
      type: 'spki',
    });
    writeFileSync(join(cwd, 'access-token.pem'), pem);
    await start(t, port, { program: 'haproxy', args: ['-f', 'haproxy.cfg', '-db'], cwd });
    await expectGuarded(port, gatepass);
    await expectNoLogout(port, gatepass);
  });
