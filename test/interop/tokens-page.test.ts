/** docs/tokens.md: its code runs, its configuration is that of the examples, which run too. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, suite, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import * as markdown from '../support/markdown.ts';
import { runModule } from '../support/run.ts';
import { type Gatepass, startGatepass } from './support/gatepass.ts';
import { example, isMissing, PYTHON } from './support/programs.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/tokens.md'), 'utf8');
const [ours = '', jose = '', pem = '', ...more] = markdown.blocksOf(page, 'js');
const at = (code: string, { url }: Gatepass) => code.replaceAll('http://127.0.0.1:8000', url);

/** Not the synchronous kind: the service answers from this process. */
const output = async (program: string, args: readonly string[]) =>
  (await promisify(execFile)(program, args, { timeout: 60_000 })).stdout;

function workDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'gatepass-page-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

suite('docs/tokens.md', { timeout: 120_000 }, () => {
  before(() => assert.equal(more.length, 0));

  test('its JavaScript names the user of an access token, and of no other', async (t) => {
    const gatepass = await startGatepass(t, 'EdDSA');
    const { access, refresh, expired } = gatepass.tokens;
    const tokens = JSON.stringify([access, refresh, expired, 'garbage']);
    for (const code of [ours, jose]) {
      const close = code === ours ? 'close();' : '';
      const asking = `for (const token of ${tokens})
        console.log(await userOf(token).catch((error) => error.code));${close}`;
      const [user, ...refused] = (await runModule(at(code, gatepass) + asking)).trim().split('\n');
      assert.equal(user, '1');
      assert.equal(refused.length, 3);
      assert.ok(
        refused.every((code) => /^(token_not_valid|ERR_J\w+)$/.test(code)),
        refused.join(),
      );
    }
  });

  test('its JavaScript for HAProxy prints the public key in use', async (t) => {
    const gatepass = await startGatepass(t, 'ES256');
    const printed = createPublicKey(await runModule(at(pem, gatepass)));
    const [header = ''] = gatepass.tokens.access.split('.');
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
    const { keys } = (await (await fetch(`${gatepass.url}/.well-known/jwks.json`)).json()) as {
      keys: { kid: string; x: string }[];
    };
    assert.equal(printed.export({ format: 'jwk' }).x, keys.find((key) => key.kid === kid)?.x);
  });

  test('its Python does', {
    skip: isMissing(PYTHON, '-c', 'import jwt, cryptography'),
  }, async (t) => {
    const gatepass = await startGatepass(t, 'EdDSA');
    const [code = '', django = ''] = markdown.blocksOf(page, 'python');
    const { access, refresh, expired } = gatepass.tokens;
    const asking = `
import sys
for token in sys.argv[1:]:
    try:
        print(user_of(token))
    except jwt.PyJWTError:
        print("refused")`;
    const args = ['-c', at(code, gatepass) + asking, access, refresh, expired, 'garbage'];
    assert.equal(await output(PYTHON, args), '1\nrefused\nrefused\nrefused\n');
    const settings = readFileSync(example('django/server.py'), 'utf8');
    for (const [name] of django.matchAll(/"[A-Z_]+"/g))
      assert.ok(settings.includes(`${name}:`), name);
  });

  test('its Java does', {
    skip: isMissing('javac', '-version') || isMissing('java', '-version'),
  }, async (t) => {
    const gatepass = await startGatepass(t, 'EdDSA');
    const [code = ''] = markdown.blocksOf(page, 'java');
    const main = `
final class Main {
  public static void main(String[] tokens) throws Exception {
    for (var token : tokens) System.out.println(new Gatepass().userOf("Bearer " + token).orElse("refused"));
  }
}`;
    const cwd = workDirectory(t);
    writeFileSync(join(cwd, 'Gatepass.java'), at(code, gatepass) + main);
    execFileSync('javac', ['-Xlint:all', '-Werror', 'Gatepass.java'], { cwd });
    const { access, refresh, expired } = gatepass.tokens;
    const args = ['-cp', cwd, 'Main', access, refresh, expired, 'garbage'];
    assert.equal(await output('java', args), '1\nrefused\nrefused\nrefused\n');
  });

  for (const [language, file] of [
    ['nginx', 'nginx/nginx.conf'],
    ['caddy', 'caddy/Caddyfile'],
    ['haproxy', 'haproxy/haproxy.cfg'],
  ] as const)
    test(`its configuration of ${language} is the example's`, () => {
      const [block = ''] = markdown.blocksOf(page, language);
      assert.ok(
        block.length > 100 && readFileSync(example(file), 'utf8').includes(block.trimEnd()),
      );
    });
});
