/** A login at the admin listener that has ended changes nothing, though its request came in before. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { startAdministration } from './support/administration.ts';

test('the rest of a request to the admin API is refused once its login has ended', async (t) => {
  const admin = await startAdministration(t);
  const token = await admin.begin();
  const text = JSON.stringify({ email: 'new@example.com' });
  const { port } = new URL(admin.adminUrl);
  const socket = connect(Number(port), '127.0.0.1');
  let received = '';
  socket.setEncoding('utf8').on('data', (data: string) => {
    received += data;
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const head = [
    'POST /api/admin/users HTTP/1.1',
    ...[`Host: 127.0.0.1:${port}`, 'Connection: close', `Authorization: Bearer ${token}`],
    ...['Content-Type: application/json', `Content-Length: ${text.length}`, '', ''],
  ].join('\r\n');
  await new Promise<void>((resolve) => socket.write(head + text.slice(0, -1), () => resolve()));
  for (let i = 0; i < 3; i++)
    assert.equal((await admin.ask('/api/admin/session', {}, token)).status, 200);
  const ended = await admin.ask('/api/admin/session', { method: 'DELETE' }, token);
  assert.equal(ended.status, 204, ended.text);
  socket.write(text.slice(-1));
  await closed;
  assert.match(received, /^HTTP\/1\.1 401 /);
  const accounts = await admin.database.db.selectFrom('users').select('email').execute();
  assert.equal(accounts.length, 1);
});
