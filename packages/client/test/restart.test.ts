/** The service dies and comes back, as a process of its own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProcess, workDirectory } from '../../server/test/support/process.ts';
import { createClient } from '../src/index.ts';

test('a restart of the service logs no user out, however many requests are sent meanwhile', async (t) => {
  const directory = await workDirectory(t);
  const variables = {
    GATEPASS_ACCESS_TOKEN_LIFETIME: '1s',
    GATEPASS_ROTATE_REFRESH_TOKENS: 'true',
  };
  const server = await startProcess(t, directory, variables);
  const client = createClient({ url: server.url });
  const email = 'alice@example.com';
  await client.register(email, 'correct horse 9 battery');
  await client.login(email, 'correct horse 9 battery');
  await client.user();

  server.child.kill('SIGKILL');
  await server.exited;
  await sleep(1000);
  const meanwhile = client.user();
  await startProcess(t, directory, { ...variables, GATEPASS_PORT: new URL(server.url).port });
  // A slow machine may take longer to start than the client is patient.
  await meanwhile.catch(({ code }) => assert.equal(code, 'network'));
  assert.equal(client.isLoggedIn, true);
  assert.equal((await client.user()).email, email);
});
