/** The examples run, and the README has everything there is. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { examplesOf } from '../../../test/support/examples.ts';
import { PASSWORD, startService } from '../../server/test/support/service.ts';
import { createClient } from '../src/index.ts';

const root = new URL('..', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const readme = read('README.md');
const sources = readdirSync(new URL('src', root)).map((name) => read(`src/${name}`));

/** Runs code that imports '@gatepass/client': from its own folder, that is the package itself. */
const run = async (code: string) => {
  const options = ['--input-type=module-typescript', '--eval', code];
  return (await promisify(execFile)(process.execPath, options, { cwd: root })).stdout;
};

test('the example of the README runs and prints what the README says', async (t) => {
  const { url } = await startService(t);
  const [, code = ''] = readme.match(/```ts\n(.*?)```/s) ?? [];
  const [, output = ''] = readme.match(/```text\n(.*?)```/s) ?? [];
  assert.notEqual(output, '');
  assert.equal(await run(code.replace('http://127.0.0.1:8000', url)), output);
});

test('the README names every member, option and code', () => {
  const [api = '', options = '', errors = ''] = [
    'type Client ',
    'type ClientOptions ',
    'class',
  ].map((what) => sources.find((source) => source.includes(`export ${what}`)));
  const members = Object.keys(createClient({ url: 'http://127.0.0.1' }));
  const named = [...options.matchAll(/^ {2}readonly (\w+)/gm)].map(([, name = '']) => name);
  const codes = [...errors.matchAll(/^ {2}\| '(\w+)'/gm)].map(([, code = '']) => code);
  assert.ok(api.length > 0);
  assert.deepEqual([members.length, named.length, codes.length], [9, 7, 9]);
  for (const name of members) assert.match(readme, new RegExp(`\`${name}\\b`), name);
  for (const name of [...named, ...codes]) assert.ok(readme.includes(`\`${name}\``), name);
});

const { examples, entries, lacking } = await examplesOf(root);

test('every function and class that a user imports has an example', () => {
  assert.deepEqual(lacking, []);
  assert.ok(examples.length >= 42, `${examples.length}`);
});

test('the example of every docstring runs', async (t: TestContext) => {
  const service = await startService(t);
  // With mail, an account whose address is not confirmed cannot have a second factor.
  const mailing = await startService(t, { GATEPASS_SMTP_URL: 'log:' });
  await Promise.all([service.register(), mailing.register()]);
  // Each in a function of its own, with Alice logged in where it does not make a client of its own.
  const blocks = examples.map(({ file, code }) => {
    const url = file === 'recovery.ts' ? mailing.url : service.url;
    const client = code.includes('createClient') ? '' : 'const client = await loggedIn(url);';
    const undo = code.includes('changePassword')
      ? 'await changePassword(client, next, password);'
      : '';
    // The codes and links of these examples are invalid, and Node has no passkeys.
    const isRefused = /, code\)|\buid\b|Passkey\(/.test(code) ? '.catch(unlessRefused)' : '';
    return `await (async (url) => { ${client}\n{\n${code}\n} ${undo} })('${url}')${isRefused};`;
  });
  const imports = entries.map(
    ({ specifier, names }) => `import { ${names.join(', ')} } from '${specifier}';`,
  );
  const stdout = await run(`
    import type { TokenStorage } from '@gatepass/client';
    ${imports.join('\n')}
    import { createElement } from 'react';
    import { renderToString } from 'react-dom/server';
    const password = '${PASSWORD}', next = 'granite otter parade 42';
    const code = '000000', uid = 'MQ', token = 'none';
    const loggedIn = async (url) => {
      const client = createClient({ url });
      await client.login('alice@example.com', password);
      return client;
    };
    const unlessRefused = (error) => {
      if (!/^(invalid_fields|invalid_credentials|unsupported)$/.test(error.code)) throw error;
    };
    ${blocks.join('\n')}`);
  assert.match(stdout, /^200 true$/m);
  assert.match(stdout, /^invalid_credentials undefined$/m);
  assert.match(stdout, /^<h1>Orders<\/h1>$/m);
});
