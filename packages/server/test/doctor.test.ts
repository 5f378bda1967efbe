/** `doctor` finds what would keep `serve` from starting, and what should be thought about. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { startSmtp } from './mail/support/smtp.ts';
import { runCommand } from './support/command.ts';
import { workDirectory } from './support/databases.ts';

const SECRET = '9f8c1d2be4a7053c6d1fe28b90a4c7d35e1f60b2c8a9d4e7f3b516a02c7d8e94';

async function examine(t: { after(work: () => unknown): void }, env: Record<string, string>) {
  const directory = await workDirectory(t);
  mkdirSync(`${directory}/here`);
  const url = env['GATEPASS_DATABASE_URL'] ?? 'sqlite:here/gatepass.db';
  return runCommand(directory, ['doctor'], '', { ...env, GATEPASS_DATABASE_URL: url });
}

test('L9 doctor warns of a configured secret without issuer and audience', async (t) => {
  const bare = await examine(t, { GATEPASS_SECRET: SECRET });
  assert.equal(bare.code, 0);
  assert.match(bare.stdout, /warning {2}signing secret: .*GATEPASS_ISSUER and GATEPASS_AUDIENCE/);
  const named = await examine(t, { GATEPASS_SECRET: SECRET, GATEPASS_ISSUER: 'staging' });
  assert.match(named.stdout, /ok {7}signing secret: /);
  assert.match((await examine(t, {})).stdout, /ok {7}signing secret: generated/);
});

test('doctor warns of an exposed host unless a proxy is configured', async (t) => {
  for (const host of ['0.0.0.0', '::', '192.0.2.7', 'auth.example.com']) {
    const exposed = await examine(t, { GATEPASS_HOST: host });
    assert.match(exposed.stdout, /warning {2}address: GATEPASS_HOST=\S+ is reachable from outside/);
    const administers = await examine(t, { GATEPASS_ADMIN_HOST: host });
    assert.match(administers.stdout, /warning {2}address: GATEPASS_ADMIN_HOST=\S+ is reachable/);
  }
  const behind = { GATEPASS_HOST: '0.0.0.0', GATEPASS_TRUSTED_PROXIES: '10.0.0.0/8' };
  assert.match((await examine(t, behind)).stdout, /ok {7}address: 0\.0\.0\.0, behind the proxies/);
  for (const host of ['127.0.0.1', '127.0.0.5', '::1', 'localhost'])
    assert.match((await examine(t, { GATEPASS_HOST: host })).stdout, /ok {7}address: /, host);
});

test('doctor reports a file that cannot be created, and a directory in its place', async (t) => {
  const places: [url: string, words: RegExp][] = [
    ['sqlite:no/such/gatepass.db', /FAULT {4}database: neither no\/such nor no exists: create no/],
    ['sqlite:here', /FAULT {4}database: here is a directory|FAULT.*unable to open/],
    ['sqlite:here/new/gatepass.db', /ok {7}database: .*"serve" will create it/],
    ['sqlite:here/gatepass.db', /ok {7}database: .*"serve" will create it/],
    ['sqlite::memory:', /warning {2}database: in memory/],
  ];
  for (const [url, words] of places)
    assert.match((await examine(t, { GATEPASS_DATABASE_URL: url })).stdout, words, url);
});

test('mail: doctor checks the server, TLS, the sender and the links', async (t) => {
  const smtp = await startSmtp(t);
  const good = {
    GATEPASS_SMTP_URL: smtp.url,
    GATEPASS_PUBLIC_URL: 'https://id.example.com',
    GATEPASS_MAIL_FROM: 'Example <no-reply@example.com>',
  };
  const says = async (env: Record<string, string>, words: RegExp, code = 0) => {
    const { stdout, code: ended } = await examine(t, env);
    assert.match(stdout, words);
    assert.equal(ended, code, stdout);
    return stdout;
  };
  const mailLines = (text: string) => text.split('\n').filter((line) => / mail: /.test(line));
  assert.equal(mailLines(await says(good, /ok {7}mail: 127\.0\.0\.1:\d+ responds/)).length, 1);
  assert.deepEqual(mailLines((await examine(t, {})).stdout), []);
  await says(
    { ...good, GATEPASS_SMTP_URL: 'smtp://127.0.0.1:1' },
    /FAULT.*mail: .*ECONNREFUSED/,
    1,
  );
  await says(
    { ...good, GATEPASS_SMTP_URL: smtp.url.replace('//', '//user:secret%40word@') },
    /FAULT {4}mail: (?!.*secret).*cannot be used/,
    1,
  );
  await says(
    { ...good, GATEPASS_SMTP_URL: 'smtp://127.0.0.2.nip.invalid:25?starttls=optional' },
    /warning {2}mail: TLS to 127\.0\.0\.2\.nip\.invalid is optional/,
    1,
  );
  await says(
    { ...good, GATEPASS_MAIL_FROM: 'root@server.local' },
    /warning.*exists only in local networks/,
  );
  await says({ ...good, GATEPASS_PUBLIC_URL: 'http://id.example.com' }, /warning.*is not https/);
  await says(
    { ...good, GATEPASS_PUBLIC_URL: 'http://localhost:8000' },
    /warning.*their own machine/,
  );
  await says({ GATEPASS_SMTP_URL: 'log:' }, /warning {2}mail: log: .*development only/);
  await says({ GATEPASS_SMTP_URL: 'file:./mails' }, /ok {7}mail: mails are written into/);
  await says({ GATEPASS_SMTP_URL: 'file:/no/such/place' }, /FAULT {4}mail: .*create it/, 1);
  await says({ ...good, GATEPASS_PUBLIC_URL: '' }, /FAULT.*GATEPASS_PUBLIC_URL must be set/, 1);
  assert.deepEqual(smtp.received, [], 'doctor sends no mail');
});

test('cookie mode: doctor checks that browsers keep the cookie and that listed pages are on its site', async (t) => {
  const at = async (env: Record<string, string>) => (await examine(t, env)).stdout;
  const url = 'https://id.example.com';
  assert.doesNotMatch(await at({}), /cookies:/);
  assert.match(await at({ GATEPASS_PUBLIC_URL: url }), /ok {7}cookies: .*pages of https:/);
  assert.match(await at({ GATEPASS_PUBLIC_URL: 'http://localhost:8000' }), /ok {7}cookies: /);
  assert.match(
    await at({ GATEPASS_PUBLIC_URL: 'http://intranet' }),
    /warning {2}cookies: .*not https.*\/api\/session returns 404/,
  );
  const listing = (service: string, page: string) =>
    at({
      GATEPASS_PUBLIC_URL: service,
      GATEPASS_COOKIE_ORIGINS: page,
      GATEPASS_CORS_ORIGINS: page,
    });
  for (const page of [
    'https://app.example.com',
    'https://example.com',
    'https://id.example.com:8443',
  ])
    assert.match(await listing(url, page), /ok {7}cookies: /, page);
  for (const [service, page] of [
    [url, 'https://app.example.org'],
    [url, 'http://app.example.com'],
    ['https://api.example.co.uk', 'https://app.other.co.uk'],
    ['https://api.vercel.app', 'https://shop.vercel.app'],
    ['http://localhost:8000', 'http://127.0.0.1:5173'],
  ] as const)
    assert.match(await listing(service, page), /warning {2}cookies: .*no third-party cookie/, page);
  const silent = { GATEPASS_PUBLIC_URL: url, GATEPASS_COOKIE_ORIGINS: 'https://app.example.com' };
  assert.match(await at(silent), /warning {2}cookies: .*not in GATEPASS_CORS_ORIGINS/);
});
