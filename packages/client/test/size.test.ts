/** The package stays small: a promise of its README, whose figures are those of a bundler. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { bundleCore, bytesOfEntry } from './support/bundle.ts';
import { PAIR } from './support/fake-service.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const readme = read('../README.md');
const kB = (bytes: number, digits = 1) => (bytes / 1000).toFixed(digits);

const core = bundleCore();

test('the core is less than 4 kB, minified and gzipped', (t) => {
  t.diagnostic(`${core.code.length} bytes, ${core.gzipped} gzipped`);
  assert.ok(core.gzipped < 4000, `${core.gzipped} bytes`);
});

// Limits in bytes.
const ENTRIES = {
  account: 500,
  device: 500,
  mfa: 1000,
  passkeys: 2000,
  react: 1000,
  recovery: 500,
  server: 750,
};

for (const [name, limit] of Object.entries(ENTRIES))
  test(`@gatepass/client/${name} adds less than ${limit} bytes, and nothing of it is in the core`, (t) => {
    const bytes = bytesOfEntry(name, ['react']);
    t.diagnostic(`${bytes} bytes gzipped`);
    assert.ok(bytes < limit, `${bytes} bytes`);
    assert.ok(
      readme.includes(`\`@gatepass/client/${name}\` | ${kB(bytes)} kB`),
      `README: ${kB(bytes)} kB`,
    );
  });

test('the READMEs state its size', () => {
  for (const path of ['../README.md', '../../../README.md', '../../../README.ru.md'])
    assert.ok(
      new RegExp(`\\b${kB(core.gzipped, 2).replace('.', '[.,]')} (kB|кБ)`).test(read(path)),
      `${path}: ${kB(core.gzipped, 2)} kB`,
    );
});

test('the core has no functions of the other entries', () => {
  assert.doesNotMatch(core.code, /reset_password|\/api\/sessions/);
});

test('the measured bundle works', async () => {
  const { createClient, GatepassError }: typeof import('../src/index.ts') = await import(
    `data:text/javascript,${encodeURIComponent(core.code)}`
  );
  const answers = [
    Response.json(PAIR.body),
    Response.json({ id: 1 }),
    new Response('', { status: 503 }),
  ];
  const client = createClient({
    url: 'https://id.example',
    fetch: async () => answers.shift() ?? Response.error(),
    now: () => 1_000_000,
  });
  await client.login('alice@example.com', 'secret');
  assert.deepEqual(await client.user(), { id: 1 });
  await assert.rejects(client.user(), GatepassError);
});

test('nothing is imported from outside', () => {
  const manifest = JSON.parse(read('../package.json'));
  assert.equal(manifest.dependencies, undefined);
  assert.doesNotMatch(core.code, /\bimport\b|\brequire\b|\bprocess\b|node:/);
});
