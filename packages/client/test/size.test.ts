/** The package stays small: a promise of its README. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { PAIR } from './support/fake-service.ts';
import { squeeze } from './support/squeeze.ts';

const LIMIT = 5632;
const code = squeeze();

test(`less than ${LIMIT} bytes, gzipped, before names are shortened`, (t) => {
  const { length } = gzipSync(code, { level: 9 });
  t.diagnostic(`${code.length} bytes, ${length} gzipped`);
  assert.ok(length < LIMIT, `${length} bytes`);
});

test('what was measured works', async () => {
  const { createClient, GatepassError }: typeof import('../src/index.ts') = await import(
    `data:text/javascript,${encodeURIComponent(code)}`
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
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  assert.equal(manifest.dependencies, undefined);
  assert.doesNotMatch(code, /\bimport\b|\brequire\b|\bprocess\b|node:/);
});
