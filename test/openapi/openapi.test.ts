/** The OpenAPI document: sound for the field's linter, and types a client can be written with. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import openapiTS, { astToString } from 'openapi-typescript';
import { startService } from '../support/service.ts';

const ROOT = join(import.meta.dirname, '../..');
// With an issuer that has a path: all that can be mounted is.
const { app, stop } = await startService({ GATEPASS_ISSUER: 'https://id.example/auth' });
after(stop);
const source = (await app.inject('/api/openapi.json')).body;

type Reference = { $ref?: string };
type Operation = {
  operationId: string;
  responses: Record<string, Reference & { content?: Record<string, { schema: Reference }> }>;
};
const { paths, components } = JSON.parse(source) as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
};
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
);

test('redocly finds nothing in it', async () => {
  const config = await createConfig({
    extends: ['recommended'],
    // It does not know conditions: `required` beside `if` names fields of the schema around it.
    rules: { 'no-required-schema-properties-undefined': 'off' },
  });
  const problems = await lintFromString({ source, config, absoluteRef: 'openapi.json' });
  assert.deepEqual(
    problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer]),
    [],
  );
});

test('every operation has an id of its own, and says what it does when it is refused', () => {
  assert.ok(operations.length > 20);
  const ids = operations.map(({ operation }) => operation.operationId);
  assert.equal(new Set(ids).size, operations.length);
  for (const { name, operation } of operations) {
    assert.match(operation.operationId, /^[a-z][A-Za-z]+$/, name);
    for (const status of ['4XX', '500', '503']) assert.ok(operation.responses[status], name);
  }
  const refusing = (status: string) =>
    operations.filter(({ operation }) => operation.responses[status]).map(({ name }) => name);
  assert.ok(refusing('429').includes('post /api/token'));
  assert.ok(refusing('403').includes('post /api/users/reset_password'));
});

test('every schema of a body has a name', () => {
  const unnamed = operations.flatMap(({ name, operation }) =>
    Object.values(operation.responses)
      .flatMap(({ content }) => content?.['application/json']?.schema ?? [])
      .filter(({ $ref }) => !$ref?.startsWith('#/components/schemas/'))
      .map(() => name),
  );
  assert.deepEqual(unnamed, []);
  assert.ok('TokenPair' in components.schemas && 'Session' in components.schemas);
});

test('openapi-typescript makes types of it with which a client compiles', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gatepass-openapi-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'api.ts'), astToString(await openapiTS(source)));
  writeFileSync(
    join(folder, 'client.ts'),
    `import type { components, operations } from './api.ts';
     type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;
     type Login = operations['obtainTokenPair'];
     export const body: Json<Login['requestBody']> = { email: 'a@b.example', password: 'x' };
     export const pair: Json<Login['responses'][200]> = { access: 'a', refresh: 'r' };
     export const id = (me: Json<operations['showMe']['responses'][200]>): number | string => me.id;
     export const isCurrent = ({ sessions }: components['schemas']['Sessions']): boolean[] =>
       sessions.map(({ current }) => current);`,
  );
  const options = ['--noEmit', '--strict', '--allowImportingTsExtensions', '--module', 'nodenext'];
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  const compile = [tsc, ...options, '--target', 'esnext', join(folder, 'client.ts')];
  execFileSync(process.execPath, compile, { encoding: 'utf8', cwd: folder });
});
