/** APIs that verify tokens themselves: the ones of examples/, as they are. */
import { test } from 'node:test';
import { startGatepass } from './support/gatepass.ts';
import { example, freePort, isMissing, PYTHON, start } from './support/programs.ts';
import { expectGuarded, expectLogout, expectNoLogout } from './support/story.ts';

const python = (...modules: string[]) => isMissing(PYTHON, '-c', `import ${modules.join()}`);

for (const name of ['express', 'hono'])
  test(`${name} with @gatepass/verifier: a logout counts`, async (t) => {
    const gatepass = await startGatepass(t, 'EdDSA');
    const port = await freePort();
    const env = { GATEPASS_URL: gatepass.url, PORT: String(port) };
    await start(t, port, { program: process.execPath, args: [example(`${name}/server.ts`)], env });
    await expectGuarded(port, gatepass);
    t.diagnostic(`a logout counted after ${await expectLogout(port, gatepass)} ms`);
  });

for (const alg of ['EdDSA', 'ES256', 'RS256'] as const) {
  test(`jose reads the key set: ${alg}`, async (t) => {
    const gatepass = await startGatepass(t, alg);
    const port = await freePort();
    const env = { GATEPASS_URL: gatepass.url, PORT: String(port) };
    await start(t, port, { program: process.execPath, args: [example('jose/server.js')], env });
    await expectGuarded(port, gatepass);
    await expectNoLogout(port, gatepass);
  });

  test(`PyJWT reads the key set: ${alg}`, { skip: python('jwt', 'cryptography') }, async (t) => {
    const gatepass = await startGatepass(t, alg);
    const port = await freePort();
    const env = { GATEPASS_URL: gatepass.url, PORT: String(port) };
    await start(t, port, { program: PYTHON, args: [example('pyjwt/server.py')], env });
    await expectGuarded(port, gatepass);
    await expectNoLogout(port, gatepass);
  });
}

for (const alg of ['ES256', 'RS256'] as const)
  test(`Django with SimpleJWT's JWK_URL: ${alg}`, {
    skip: python('django', 'rest_framework_simplejwt', 'cryptography'),
  }, async (t) => {
    const gatepass = await startGatepass(t, alg);
    const port = await freePort();
    const env = { GATEPASS_URL: gatepass.url, PORT: String(port), ALGORITHM: alg };
    await start(t, port, { program: PYTHON, args: [example('django/server.py')], env });
    await expectGuarded(port, gatepass);
    await expectNoLogout(port, gatepass);
  });
