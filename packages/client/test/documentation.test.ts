/** The examples run, and the README has everything there is. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
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

test('the example of every docstring runs', async (t: TestContext) => {
  const service = await startService(t, { GATEPASS_SMTP_URL: 'log:' });
  const { register, url } = service;
  await register();
  const examples = sources.flatMap((source) =>
    [...source.matchAll(/@example *\n?(.*?)(?:\*\/|\n *\* *@)/gs)].map(([, text = '']) =>
      text.replace(/^ *\* ?/gm, ''),
    ),
  );
  assert.ok(examples.length >= 13);
  // Each in a block of its own, with Alice logged in where it does not make a client of its own.
  const blocks = examples.map((code) => {
    const own = code.includes('createClient');
    const undo = code.includes('changePassword')
      ? 'await changePassword(client, next, password);'
      : '';
    return own ? `{ ${code} }` : `{ const client = await loggedIn();\n${code}\n${undo} }`;
  });
  const stdout = await run(`
    import { createClient, GatepassError, type TokenStorage } from '@gatepass/client';
    import { knownDevice } from '@gatepass/client/device';
    import { visit } from '@gatepass/client/server';
    import { changePassword, endSession, endSessions, listSessions } from '@gatepass/client/account';
    import { confirm, listFactors, logIn } from '@gatepass/client/mfa';
    import { changeEmail, requestPasswordReset, resendActivation } from '@gatepass/client/recovery';
    const url = '${url}', password = '${PASSWORD}', next = 'granite otter parade 42';
    const loggedIn = async () => {
      const client = createClient({ url });
      await client.login('alice@example.com', password);
      return client;
    };
    ${blocks.join('\n')}`);
  assert.match(stdout, /^200 true$/m);
  assert.match(stdout, /^invalid_credentials undefined$/m);
});
