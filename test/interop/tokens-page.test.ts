/** docs/tokens.md: its code for Node and the JDK runs, its configuration is that of the examples, which run too. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import * as markdown from '../support/markdown.ts';
import { runModule } from '../support/run.ts';
import { startAddressed } from './support/addressed.ts';
import { blocks, expectVerdicts, page, workDirectory } from './support/page.ts';
import { example, isMissing } from './support/programs.ts';

const ROOT = join(import.meta.dirname, '../..');

suite('docs/tokens.md', { timeout: 300_000 }, () => {
  for (const [name, i] of [
    ['@gatepass/verifier', 0],
    ['jose', 1],
  ] as const)
    test(`${name} names the user of an access token, and of no other token`, async (t) => {
      const gatepass = await startAddressed(t, 'ES256');
      const code = blocks('Node', 'js', gatepass)[i] ?? '';
      const asking = `
for (const token of process.argv.slice(1))
  console.log(await userOf(token).catch(() => 'refused'));
${i === 0 ? 'close();' : ''}`;
      const args = ['--input-type=module', '--eval', code + asking];
      await expectVerdicts({ program: process.execPath, args, cwd: ROOT }, gatepass);
    });

  test('the command that prints the public key for a proxy prints the current key', async (t) => {
    const gatepass = await startAddressed(t, 'ES256');
    const [code = ''] = blocks('HAProxy', 'js', gatepass);
    const printed = createPublicKey(await runModule(code));
    const used = gatepass.key && createPublicKey(gatepass.key);
    assert.equal(printed.export({ format: 'jwk' }).x, used?.export({ format: 'jwk' }).x);
  });

  test('Java asks', {
    skip: isMissing('javac', '-version') || isMissing('java', '-version'),
  }, async (t) => {
    const gatepass = await startAddressed(t, 'ES256');
    const [, code = ''] = blocks('Java', 'java', gatepass);
    const main = `
final class Main {
  public static void main(String[] tokens) throws Exception {
    for (var token : tokens) System.out.println(new Gatepass().userOf("Bearer " + token).orElse("refused"));
  }
}`;
    const cwd = workDirectory(t);
    writeFileSync(join(cwd, 'Gatepass.java'), code + main);
    execFileSync('javac', ['-Xlint:all', '-Werror', 'Gatepass.java'], { cwd });
    await expectVerdicts({ program: 'java', args: ['-cp', cwd, 'Main'] }, gatepass);
  });

  for (const [heading, language, file] of [
    ['nginx', 'nginx', 'nginx/nginx.conf'],
    ['Caddy', 'caddy', 'caddy/Caddyfile'],
    ['HAProxy', 'haproxy', 'haproxy/haproxy.cfg'],
    ['Apache', 'apache', 'apache/httpd.conf'],
    ['Apache with introspection', 'apache', 'apache/introspect.conf'],
    ['Envoy', 'yaml', 'envoy/envoy.yaml'],
    ['nginx with njs', 'js', 'njs/gatepass.js'],
  ] as const)
    test(`its configuration of ${heading} is the example's`, () => {
      const [block = ''] = markdown.blocksOf(markdown.sectionOf(page, heading), language);
      assert.ok(
        block.length > 100 && readFileSync(example(file), 'utf8').includes(block.trimEnd()),
      );
    });

  test('every block is run, or the page says that it is not', () => {
    const tested = /^(sh|js|ts|python|php|ruby|go|java|perl|nginx|caddy|haproxy|apache)$/;
    const others = [...page.matchAll(/^```(\w+)$/gm)].filter(
      ([, language = '']) => !tested.test(language),
    );
    assert.deepEqual(
      others.map(([, language]) => language),
      // Of Spring, and of Envoy's example.
      ['yaml', 'yaml'],
    );
    assert.match(page, /We have not run this:\n\n```yaml/);
  });
});
