/**
 * Web servers that verify tokens by themselves: the ones of examples/, as they are, on ports of their
 * own. That no client can say who it is: identity.test.ts.
 */
import { createPublicKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Addressed, startAddressed } from './support/addressed.ts';
import { expectMe } from './support/page.ts';
import { copyOf, freePort, listen, start } from './support/programs.ts';
import { NO_APACHE, NO_NJS } from './support/proxies.ts';
import { api } from './support/story.ts';

async function placesFor(t: TestContext, gatepass: Addressed, port: number) {
  return {
    '127.0.0.1:8000': new URL(gatepass.url).host,
    '127.0.0.1:8080': `127.0.0.1:${port}`,
    '127.0.0.1:9000': `127.0.0.1:${await listen(t, api)}`,
  };
}

function replaceIn(file: string, from: string, to: string): void {
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(from, to));
}

test('Apache with mod_oauth2 verifies ES256 by itself', {
  skip: NO_APACHE,
}, async (t) => {
  const gatepass = await startAddressed(t, 'ES256');
  const port = await freePort();
  const cwd = copyOf(t, 'apache', 'httpd.conf', await placesFor(t, gatepass, port));
  await start(t, port, { program: 'apache2', args: ['-X', '-d', cwd, '-f', 'httpd.conf'], cwd });
  await expectMe(port, gatepass);
});

test('nginx with njs verifies ES256 by itself', {
  skip: NO_NJS,
}, async (t) => {
  const gatepass = await startAddressed(t, 'ES256');
  const port = await freePort();
  const places = await placesFor(t, gatepass, port);
  const { '127.0.0.1:8000': issuer, ...addresses } = places;
  const cwd = copyOf(t, 'njs', 'nginx.conf', addresses);
  replaceIn(join(cwd, 'gatepass.js'), '127.0.0.1:8000', issuer);
  const pem = createPublicKey(gatepass.key ?? '').export({ format: 'pem', type: 'spki' });
  writeFileSync(join(cwd, 'access-token.pem'), pem);
  const settings = `daemon off; master_process off; pid ${join(cwd, 'nginx.pid')};`;
  const args = ['-p', cwd, '-c', 'nginx.conf', '-e', 'stderr', '-g', settings];
  await start(t, port, { program: 'nginx', args, cwd });
  await expectMe(port, gatepass);
});
