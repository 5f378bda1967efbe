/** `/metrics`: on a listener of its own, true, bounded in labels, and the sum of all workers. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { createMetrics } from '../src/metrics/metrics.ts';
import { startMailed } from './recovery/support/mailed.ts';
import { collect, converse } from './security/support/raw.ts';
import { SQLITE_ONLY } from './support/databases.ts';
import { metricsUrl, parse, scrape } from './support/metrics.ts';
import { BIN, post, type Server, startProcess, workDirectory } from './support/process.ts';
import { startService } from './support/service.ts';
import { takenPort } from './support/taken-port.ts';
import { until } from './support/until.ts';

const run = promisify(execFile);
const CREDENTIALS = { email: 'a@example.com', password: 'correct horse 9 battery' };
const ON = { GATEPASS_METRICS_PORT: '0' };
const REQUESTS = 'gatepass_http_request_duration_seconds';

/** A service in this process that counts, and what a scrape of it would say. */
async function startCounting(t: TestContext, variables: Record<string, string> = {}) {
  const metrics = createMetrics();
  const service = await startService(t, variables, { metrics });
  return { ...service, scrape: async () => parse(await metrics.text()) };
}

const statusOf = async (url: string, init: RequestInit = {}) => (await fetch(url, init)).status;

test('CF05 metrics are served only on GATEPASS_METRICS_PORT, never on the public port or under a foreign name', async (t) => {
  const off = await startProcess(t, await workDirectory(t));
  assert.equal(JSON.parse(off.log[0] ?? '').metrics, undefined);
  assert.equal(await statusOf(`${off.url}/metrics`), 404);

  const on = await startProcess(t, await workDirectory(t), ON);
  const url = new URL(metricsUrl(on));
  assert.equal(await statusOf(`${on.url}/metrics`), 404);
  assert.equal(url.hostname, '127.0.0.1');
  assert.equal(await statusOf(url.href), 200);
  assert.equal(await statusOf(url.href, { method: 'HEAD' }), 200);
  assert.equal(await statusOf(url.href, { method: 'POST' }), 405);
  assert.equal(await statusOf(url.origin), 404);
  const port = Number(url.port);
  const statusFor = async (host: string) => {
    const bytes = `GET /metrics HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    const text = String(await collect(port, (socket) => socket.write(bytes)));
    return Number(text.split(' ')[1]);
  };
  for (const host of ['127.0.0.1', `localhost:${port}`, '[::1]:9', '10.0.0.7'])
    assert.equal(await statusFor(host), 200, host);
  // A name that a page of another site had rebound to this machine.
  for (const host of [
    'rebound.evil.test',
    `evil.test:${port}`,
    'localhost.evil.test',
    '127.0.0.1.evil.test',
  ])
    assert.equal(await statusFor(host), 421, host);
  assert.equal(await statusOf(`${url.origin}/api/token`), 404);
});

test('the metrics count responses by route, events, refusals and connections', async (t) => {
  const origin = 'https://app.example.com';
  const service = await startCounting(t, { GATEPASS_CORS_ORIGINS: origin });
  const send = (path: string, body: object) => service.post(`/api/${path}`, body);
  await send('users', CREDENTIALS);
  const pair = (await send('token', CREDENTIALS)).body;
  for (let i = 0; i < 5; i++) await send('token/verify', { token: pair['access'] });
  for (let i = 0; i < 3; i++) await send('token/verify', { token: 'forged' });
  await send('token', { ...CREDENTIALS, password: 'wrong' });
  await send('token/blacklist', { refresh: pair['refresh'] });
  await converse(service.port, 'GARBAGE\r\n\r\n');
  const since = performance.now();
  const preflight = { origin, 'access-control-request-method': 'POST' };
  await service.send('/api/token/verify', { method: 'OPTIONS', headers: preflight });
  const waitedSeconds = (performance.now() - since) / 1000;

  const metrics = await service.scrape();
  const answers = (route: string, status: string) =>
    metrics.value(`${REQUESTS}_count`, { route, status, method: 'POST' });
  assert.equal(answers('/api/users', '2xx'), 1);
  assert.equal(answers('/api/token', '2xx'), 1);
  assert.equal(answers('/api/token', '4xx'), 1);
  assert.equal(answers('/api/token/verify', '2xx'), 5);
  assert.equal(answers('/api/token/verify', '4xx'), 3);
  const loginSeconds = metrics.value(`${REQUESTS}_sum`, { route: '/api/token', status: '2xx' });
  assert.ok(loginSeconds > 0.001 && loginSeconds < 60, `a login took ${loginSeconds} s`);
  const asked = { route: '/api/token/verify', method: 'OPTIONS' };
  const preflightSeconds = metrics.value(`${REQUESTS}_sum`, asked);
  assert.ok(preflightSeconds <= waitedSeconds, `a preflight took ${preflightSeconds} s`);
  assert.equal(metrics.value('gatepass_hash_duration_seconds_count'), 3);
  assert.equal(metrics.value('gatepass_hash_wait_seconds_count'), 3);
  assert.ok(metrics.value('gatepass_hashes_slots') >= 1);
  assert.equal(metrics.value('gatepass_hashes_waiting'), 0);
  const events = (labels: Record<string, string>) => metrics.value('gatepass_events_total', labels);
  assert.equal(events({ event: 'user.register' }), 1);
  assert.equal(events({ event: 'login.ok' }), 1);
  assert.equal(events({ event: 'login.fail', reason: 'wrong_password' }), 1);
  assert.equal(events({ event: 'session.end', reason: 'logout' }), 1);
  assert.equal(metrics.value('gatepass_refusals_total', { code: 'token_not_valid' }), 3);
  assert.equal(metrics.value('gatepass_http_refused_unread_total', { status: '400' }), 1);
  assert.equal(metrics.value('gatepass_database_faults_total'), 0);
  assert.equal(metrics.value('gatepass_revocations'), 1);
  assert.ok(metrics.value('gatepass_connections') >= 1, 'fetch keeps its connection');
  const lag = metrics.value('gatepass_revocations_lag_seconds');
  assert.ok(lag > 0 && lag < 60, `lag ${lag}`);
  assert.ok(metrics.value('process_resident_memory_bytes') > 1e7);
});

test('the signing key’s age is exported for keys of the ring, and not for the secret', async (t) => {
  const age = /^gatepass_signing_key_age_seconds (\S+)$/m;
  const secret = await startCounting(t);
  assert.doesNotMatch((await secret.scrape()).text, age);
  const ring = await startCounting(t, { GATEPASS_SIGNING_ALG: 'EdDSA' });
  const metrics = await ring.scrape();
  assert.match(metrics.text, age);
  assert.ok(metrics.value('gatepass_signing_key_age_seconds') < 60);
  assert.ok(metrics.value('gatepass_keys_lag_seconds') < 60);
});

test('LE18 labels contain no path, method, id or token of a client', async (t) => {
  const server = await startCounting(t);
  const before = await server.scrape();
  for (let i = 0; i < 50; i++) {
    const canary = `canary${i}`;
    await fetch(`${server.url}/${canary}`);
    await fetch(`${server.url}/api/sessions/${canary}?token=${canary}`, { method: 'DELETE' });
    await fetch(`${server.url}/docs/static/${canary}.js`);
    await post(server.url, '/api/token/verify', { token: canary });
    await fetch(`${server.url}/api/token`, { headers: { 'x-request-id': canary } });
  }
  for (const method of ['PROPFIND', 'MKCOL', 'PATCH', 'PUT', 'LOCK'])
    await fetch(`${server.url}/api/users`, { method });
  const after = await server.scrape();
  assert.ok(!after.text.includes('canary'));
  const count = (labels: Record<string, string>) => after.value(`${REQUESTS}_count`, labels);
  assert.equal(count({ route: '/api/sessions/:id', method: 'DELETE', status: '4xx' }), 50);
  assert.ok(count({ route: 'none', status: '4xx' }) >= 50);
  assert.equal(count({ route: '/api/users', method: 'other' }), 5);
  const lines = (text: string) => text.split('\n').length;
  assert.ok(lines(after.text) - lines(before.text) < 250, 'as many requests, as few lines');
});

const killIfThere = (pid: number) => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {}
};

/** Each over a connection of its own, so that they spread over the workers. */
const ask = (server: Server, times: number) =>
  Promise.all(
    Array.from({ length: times }, () =>
      fetch(`${server.url}/healthz`, { headers: { connection: 'close' } }),
    ),
  );

test('metrics of workers are added up, and a stuck or killed worker delays no scrape and keeps its counts', async (t) => {
  const server = await startProcess(t, await workDirectory(t), { ...ON, GATEPASS_WORKERS: '2' });
  const url = metricsUrl(server);
  const healthy = { route: '/healthz', status: '2xx' };
  await ask(server, 40);
  // On a busy machine a sound worker may be late for a scrape.
  const workersAre = async (count: number) => {
    const metrics = await scrape(url);
    assert.ok(metrics.value('gatepass_workers') <= 2);
    return metrics.value('gatepass_workers') === count;
  };
  await until('two workers', () => workersAre(2));
  const answered = async () => (await scrape(url)).value(`${REQUESTS}_count`, healthy);
  await until('40 answers', async () => (await answered()) === 40);
  assert.equal((await scrape(url)).value('gatepass_build_info'), 1);

  await fetch(`${server.url}/api/nothing`);
  await until('a line', () => server.log.some((line) => line.includes('"msg":"request"')));
  const line = server.log.find((each) => each.includes('"msg":"request"')) ?? '{}';
  const victim: number = JSON.parse(line).pid;
  // A stopped process that is left behind would hold the test's pipe open for ever.
  t.after(() => killIfThere(victim));
  process.kill(victim, 'SIGSTOP');
  await until('the stuck one is left out', () => workersAre(1));
  assert.equal(await answered(), 40);

  process.kill(victim, 'SIGKILL');
  await until('the killed one is replaced', () => workersAre(2));
  assert.equal(await answered(), 40);
  assert.equal((await scrape(url)).value('gatepass_worker_deaths_total'), 1);
  server.child.kill('SIGTERM');
  assert.equal(await server.exited, 0);
});

// It starts on the file of its directory.
test(
  'a metrics port that is taken beside workers is reported in one sentence with exit code 1',
  SQLITE_ONLY,
  async (t) => {
    const directory = await workDirectory(t);
    const port = await takenPort(t);
    const env = { ...process.env, GATEPASS_PORT: '0', GATEPASS_WORKERS: '2' };
    const command = run(process.execPath, [BIN, 'serve'], {
      cwd: directory,
      env: { ...env, GATEPASS_METRICS_PORT: port },
    });
    await assert.rejects(command, (error: { code: number; stderr: string }) => {
      assert.equal(error.code, 1);
      assert.match(error.stderr, /^The metrics listener failed: .*EADDRINUSE.*\n$/);
      assert.match(error.stderr, /GATEPASS_METRICS_PORT/);
      return true;
    });
  },
);

test('waiting, given-up and sent mail is counted, and left out while the database cannot be read', async (t) => {
  const metrics = createMetrics();
  const service = await startMailed(t, {}, { metrics });
  await service.register();
  await service.askReset();
  await service.nextMail();
  const scraped = async () => parse(await metrics.text());
  await until(
    'it is counted',
    async () => (await scraped()).value('gatepass_mails_sent_total') === 1,
  );
  await until('it has gone', async () => (await scraped()).value('gatepass_mails_pending') === 0);
  service.smtp.mood = 'refuse';
  await service.askReset();
  await until('an attempt failed', async () => {
    return (await scraped()).value('gatepass_mail_failures_total') === 1;
  });
  service.clock.advance(4000);
  const waiting = await scraped();
  assert.equal(waiting.value('gatepass_mails_pending'), 1);
  assert.equal(waiting.value('gatepass_mail_oldest_age_seconds'), 4);
  service.clock.advance(3 * 3_600_000);
  await until(
    'it was given up',
    async () => (await scraped()).value('gatepass_mails_given_up') === 1,
  );
  const after = await scraped();
  assert.equal(after.value('gatepass_mails_pending'), 0);
  assert.equal(after.value('gatepass_mail_oldest_age_seconds'), 0);
  await service.database.transaction(({ db }) => db.schema.dropTable('outbox').execute());
  assert.ok(!(await scraped()).text.includes('\ngatepass_mails_pending '));
});
