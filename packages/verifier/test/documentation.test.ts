import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { examplesOf } from '../../../test/support/examples.ts';
import * as face from '../src/index.ts';
import { mintHs256 } from './mint.ts';

const root = new URL('..', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const readme = read('README.md');
const sources = readdirSync(new URL('src', root)).map((name) => read(`src/${name}`));

// From the package's own folder, '@gatepass/verifier' is the package itself.
const run = (code: string) =>
  execFileSync(process.execPath, ['--input-type=module-typescript', '--eval', code], {
    cwd: root,
    encoding: 'utf8',
  });

test('every example of the README runs and prints what the README says', () => {
  const examples = [...readme.matchAll(/```ts\n(.*?)```\n+prints\n+```text\n(.*?)```/gs)];
  assert.equal(examples.length, [...readme.matchAll(/```ts\n/g)].length);
  assert.equal(examples.length, 7);
  for (const [, code = '', output = ''] of examples) {
    assert.notEqual(output, '');
    assert.equal(run(code), output);
  }
});

test('the README names every option', () => {
  const [options = ''] = sources.filter((source) => source.includes('type VerifierOptions'));
  const names = [...options.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name = '']) => name);
  assert.equal(names.length, 20);
  for (const name of names) assert.ok(readme.includes(`| \`${name}\``), name);
});

test('the README names every export and every reason', () => {
  const [errors = ''] = sources.filter((source) => source.includes('type TokenErrorReason'));
  const reasons = [
    ...errors.matchAll(/^ {2}\| '(\w+)'|'((?:keys|revocations)_unavailable)'/gm),
  ].map(([, reason, unavailable = '']) => reason ?? unavailable);
  assert.equal(reasons.length, 33);
  for (const name of [...Object.keys(face), ...reasons]) {
    assert.ok(readme.includes(`\`${name}`), name);
  }
});

const { examples, lacking } = await examplesOf(root);

test('every function and class that a user imports has an example', () => {
  assert.deepEqual(lacking, []);
  assert.ok(examples.length >= 29, `${examples.length}`);
});

test('the example of every docstring runs', () => {
  const secret = 'x'.repeat(40);
  const token = mintHs256({ alg: 'HS256' }, { exp: 4e9, jti: 'a', token_type: 'access' }, secret);
  const apps: Record<string, string> = {
    express: "(await import('express')).default()",
    fastify: "(await import('fastify')).default()",
    hono: "new (await import('hono')).Hono()",
  };
  const blocks = examples.map(({ file, code }) => {
    const adapter = file.replace('.ts', '');
    const app = apps[adapter]
      ? `const app = ${apps[adapter]};
        const { requireAccessToken, claimsOf, optionalClaimsOf } = await import('@gatepass/verifier/${adapter}');`
      : '';
    return `await (async () => {
      const keys = createKeySet([{ key: importSecret(secret) }]);
      const verifier = createVerifier({ secret });
      ${app}
      {\n${code}\n}
    })();`;
  });
  run(`import { ${Object.keys(face).join(', ')} } from '@gatepass/verifier';
const secret = '${secret}', oldSecret = secret + secret, token = '${token}';
${blocks.join('\n')}`);
});
