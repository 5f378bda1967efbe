/** What a start of the bundled server loads, and the memory it needs then. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { startSmtp } from '../../packages/server/test/mail/support/smtp.ts';
import { post, startProcess, workDirectory } from '../../packages/server/test/support/process.ts';
import { PASSWORD } from '../../packages/server/test/support/service.ts';
import { until } from '../../packages/server/test/support/until.ts';
import { bundleServer } from '../../scripts/bundle.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'gatepass-bundle-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const { outputs } = await bundleServer(folder);
symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));

/** What `main.js` and the contents of its commands load, without what they load later. */
function loadedAtStart(): Set<string> {
  const paths = new Map(Object.keys(outputs).map((path) => [basename(path), path]));
  const loaded = new Set<string>();
  const load = (name: string): void => {
    const output = outputs[paths.get(name) ?? ''];
    if (!output || loaded.has(name)) return;
    loaded.add(name);
    for (const { path, kind } of output.imports)
      if (kind === 'import-statement') load(basename(path));
  };
  for (const name of paths.keys()) if (/^(?:main|contents-\w+)\.js$/.test(name)) load(name);
  return loaded;
}

test('a start loads no library that only some requests or commands use', () => {
  const names = loadedAtStart();
  const inputs = Object.entries(outputs)
    .filter(([path]) => names.has(basename(path)))
    .flatMap(([, output]) => Object.keys(output.inputs));
  assert.ok(inputs.includes('packages/server/src/admin/app.ts'));
  assert.ok(!inputs.includes('packages/server/src/admin/routes.ts'));
  const packages = new Set(
    inputs.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.slice(1) ?? []),
  );
  assert.ok(packages.has('fastify') && packages.has('kysely'));
  const lazy =
    /^(?:nodemailer|@simplewebauthn|@peculiar|asn1js|yaml|csv-parse|fflate|prom-client|tldts|@zxcvbn-ts)/;
  assert.deepEqual(
    [...packages].filter((name) => lazy.test(name)),
    [],
  );
});

const isLinux = process.platform === 'linux';

test('idle it needs less than 52 MiB beside the pages of the Node.js binary, which differ from start to start', {
  skip: !isLinux && '/proc is of Linux',
}, async (t) => {
  const bin = join(folder, 'bin/gatepass.js');
  const { child, url } = await startProcess(
    t,
    await workDirectory(t),
    { GATEPASS_ADMIN_PORT: '0' },
    bin,
  );
  assert.equal((await fetch(`${url}/readyz`)).status, 200);
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const kibibytes = Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1]);
  assert.ok(kibibytes < 52 * 1024, `${kibibytes} KiB`);
});

test('mail leaves from the thread of the bundle', async (t) => {
  const smtp = await startSmtp(t);
  const bin = join(folder, 'bin/gatepass.js');
  const { log, url } = await startProcess(
    t,
    await workDirectory(t),
    {
      GATEPASS_SMTP_URL: smtp.url,
      GATEPASS_PUBLIC_URL: 'https://id.example.com',
      GATEPASS_MAIL_FROM: 'no-reply@example.com',
      GATEPASS_EMAIL_VERIFICATION: 'required',
      GATEPASS_LOG_LEVEL: 'debug',
    },
    bin,
  );
  const account = { email: 'alice@example.com', password: PASSWORD };
  assert.equal((await post(url, '/api/users', account))?.status, 201);
  await until('the mail arrives', () => smtp.received.length === 1);
  assert.ok(log.some((line) => line.includes('the mail thread starts')));
});
