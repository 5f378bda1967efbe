/** A connection is closed for a client that does not read, and not for a handler that takes long. */
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRawRefusals } from '../../src/http/edge/requests.ts';
import { createRawServer } from '../../src/http/edge/server.ts';

const STALL_MS = 20;

async function listen(t: TestContext, handler: RequestListener): Promise<number> {
  const server = createRawServer(
    handler,
    createRawRefusals(() => {}),
  );
  server.timeout = STALL_MS;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

test('a response comes, however long its work takes', async (t) => {
  const port = await listen(t, async (_request, response) => {
    await sleep(10 * STALL_MS);
    response.end('late');
  });
  const response = await fetch(`http://127.0.0.1:${port}/`);
  assert.equal(await response.text(), 'late');
});

test('the connection of a client that does not read its response is closed', async (t) => {
  const ended = Promise.withResolvers<void>();
  const port = await listen(t, (_request, response) => {
    response.once('close', ended.resolve);
    response.end(Buffer.alloc(64 * 2 ** 20));
  });
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  t.after(() => socket.destroy());
  socket.pause().write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await ended.promise;
});
