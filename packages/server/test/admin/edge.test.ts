/** The clients that the admin listener accepts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../src/config/config.ts';
import { collect } from '../security/support/raw.ts';
import { startAdministration } from './support/administration.ts';

const document = '/api/admin/openapi.json';

test('AD04 another origin or another Host is refused before any work', async (t) => {
  const admin = await startAdministration(t, { GATEPASS_ADMIN_URL: 'https://admin.example.com' });
  const token = await admin.begin();
  const { port, host } = new URL(admin.adminUrl);
  const statusFor = async (name: string) => {
    const bytes = `GET ${document} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`;
    const text = String(await collect(Number(port), (socket) => socket.write(bytes)));
    return Number(text.split(' ')[1]);
  };
  for (const name of [
    host,
    `localhost:${port}`,
    '[::1]:9',
    '10.0.0.7',
    'admin.example.com',
    'ADMIN.example.com:443',
  ])
    assert.equal(await statusFor(name), 200, name);
  for (const name of [
    'rebound.evil.test',
    `127.0.0.1.evil.test:${port}`,
    'admin.example.com.evil.test',
    'example.com',
  ])
    assert.equal(await statusFor(name), 421, name);

  const foreign = [
    { origin: 'https://evil.test' },
    { origin: 'null' },
    { origin: admin.url },
    { origin: `http://localhost:${port}` },
    { 'sec-fetch-site': 'cross-site' },
  ];
  for (const headers of foreign) {
    for (const [path, method] of [
      ['/api/admin/session', 'GET'],
      ['/api/admin/session', 'DELETE'],
      ['/api/admin/session', 'OPTIONS'],
      ['/api/admin/login', 'POST'],
      ['/nothing', 'GET'],
    ] as const) {
      const answer = await admin.ask(path, { method, headers }, token);
      assert.equal(answer.status, 403, `${method} ${path} ${JSON.stringify(headers)}`);
      assert.equal(answer.headers.get('access-control-allow-origin'), null);
    }
  }
  for (const origin of [admin.adminUrl, 'https://admin.example.com'])
    assert.equal(
      (await admin.ask('/api/admin/session', { headers: { origin } }, token)).status,
      200,
    );
});

test('the log names the fix for this listener when it refuses an origin', async (t) => {
  const admin = await startAdministration(t);
  const headers = { origin: 'https://admin.example.com' };
  assert.equal((await admin.ask('/api/admin/session', { headers })).status, 403);
  const told = admin.log.filter((line) => line.includes('pages of the origin'));
  assert.equal(told.length, 1);
  assert.match(told[0] ?? '', /https:\/\/admin\.example\.com .*set GATEPASS_ADMIN_URL/);
  assert.doesNotMatch(told[0] ?? '', /CORS/);
});

test('GATEPASS_ADMIN_NETWORKS refuses all other networks, even with forged headers', async (t) => {
  const closed = await startAdministration(t, {
    GATEPASS_ADMIN_NETWORKS: '10.0.0.0/8,2001:db8::/32',
  });
  const headers = { 'x-forwarded-for': '10.1.2.3' };
  const refused = await closed.ask(document, { headers });
  assert.deepEqual([refused.status, refused.body.code], [403, 'network_not_allowed']);
  const open = await startAdministration(t, { GATEPASS_ADMIN_NETWORKS: '127.0.0.1' });
  assert.equal((await open.ask(document)).status, 200);
  const proxied = await startAdministration(t, {
    GATEPASS_ADMIN_NETWORKS: '10.0.0.0/8',
    GATEPASS_TRUSTED_PROXIES: '127.0.0.1',
  });
  assert.equal((await proxied.ask(document, { headers })).status, 200);
  assert.equal((await proxied.ask(document)).status, 403);
});

test('two listeners cannot have the same port', () => {
  const faults = (env: Record<string, string>) => {
    try {
      readConfig(env);
      return [];
    } catch (error) {
      return String(error).match(/GATEPASS_ADMIN_PORT[^\n]*/g) ?? [];
    }
  };
  assert.equal(faults({ GATEPASS_PORT: '9000', GATEPASS_ADMIN_PORT: '9000' }).length, 1);
  const metrics = { GATEPASS_METRICS_PORT: '9001', GATEPASS_ADMIN_PORT: '9001' };
  assert.equal(faults(metrics).length, 1);
  assert.deepEqual(faults({ ...metrics, GATEPASS_ADMIN_HOST: '192.0.2.7' }), []);
  assert.equal(faults({ GATEPASS_ADMIN_PORT: '70000' }).length, 1);
  assert.equal(readConfig({}).adminPort, 'next');
});
