/** docs/tokens.md for other frameworks: each block runs as an API. */
import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { type Addressed, startAddressed } from './support/addressed.ts';
import { blocks, expectMe, expectVerdicts, workDirectory } from './support/page.ts';
import { freePort, start } from './support/programs.ts';
import { installed } from './support/stacks.ts';

const PACKAGES = [
  ...['express@5.3.0', 'express-jwt@8.5.1', 'jwks-rsa@4.1.0', 'passport@0.7.0'],
  ...['passport-jwt@4.0.1', '@nestjs/common@12.5.1', '@nestjs/core@12.5.1', 'rxjs@7.8.2'],
  ...['@nestjs/platform-express@12.5.1', '@nestjs/passport@12.0.0', 'reflect-metadata@0.2.2'],
  ...['fastify@5.12.8', '@fastify/jwt@10.2.8', 'hono@4.13.19', '@hono/node-server@2.1.9'],
  'jose@6.2.18',
];
const folder = installed(PACKAGES);
const skip = folder ? false : `npm install ${PACKAGES.join(' ')} fails`;

/** A file with the packages within reach. */
function moduleOf(t: TestContext, code: string): string {
  const home = workDirectory(t);
  symlinkSync(join(folder ?? '', 'node_modules'), join(home, 'node_modules'));
  const file = join(home, 'page.mjs');
  writeFileSync(file, stripTypeScriptTypes(code));
  return file;
}

const listening = 'app.listen(PORT, "127.0.0.1");';
// Decorators as the function calls that they are, because Node.js strips types and nothing else.
const nest = (code: string) => `import 'reflect-metadata';
import { Controller, Get, Module, Req, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
${code.replace('@Injectable()\n', '')}
Injectable()(GatepassStrategy);
class Api { me(request: { user: { id: string } }) { return { user: request.user.id }; } }
const me = Object.getOwnPropertyDescriptor(Api.prototype, 'me') as PropertyDescriptor;
Req()(Api.prototype, 'me', 0);
Get('me')(Api.prototype, 'me', me);
UseGuards(AuthGuard('jwt'))(Api.prototype, 'me', me);
Controller()(Api);
class App {}
Module({ controllers: [Api], providers: [GatepassStrategy] })(App);
const app = await NestFactory.create(App, { logger: false });
await app.listen(PORT, '127.0.0.1');`;

const stacks: [string, 'js' | 'ts', (code: string) => string][] = [
  ['Express', 'js', (code) => code + listening],
  ['Passport', 'js', (code) => code + listening],
  ['NestJS', 'ts', nest],
  ['Fastify', 'js', (code) => `${code}await app.listen({ port: PORT, host: "127.0.0.1" });`],
  [
    'Hono',
    'js',
    (code) => `import { serve } from '@hono/node-server';
${code}serve({ fetch: app.fetch, port: PORT, hostname: '127.0.0.1' });`,
  ],
];

/** The page: "`secret` or `secretOrKey` is `process.env.GATEPASS_SECRET` and `algorithms` is `['HS256']`". */
const withSecret = (code: string) =>
  code
    .replace(
      /secret: jwksRsa\.expressJwtSecret\(\{.*?\}\),/s,
      'secret: process.env.GATEPASS_SECRET,',
    )
    .replace(
      /secretOrKeyProvider: (jwksRsa\.)?passportJwtSecret\(\{.*?\}\),/s,
      'secretOrKey: process.env.GATEPASS_SECRET,',
    )
    .replace(/decode: .*\n *secret: async .*\n/, 'secret: process.env.GATEPASS_SECRET,\n')
    .replace("'ES256'", "'HS256'");

async function run(t: TestContext, code: string, gatepass: Addressed) {
  const port = await freePort();
  const args = [moduleOf(t, code.replaceAll('PORT', String(port)))];
  const env = { GATEPASS_SECRET: gatepass.secret };
  await start(t, port, { program: process.execPath, args, env });
  await expectMe(port, gatepass);
}

suite('docs/tokens.md', { timeout: 600_000, skip }, () => {
  for (const [heading, language, program] of stacks) {
    test(`${heading} with the key set`, async (t) => {
      const gatepass = await startAddressed(t, 'ES256');
      const [code = ''] = blocks(heading, language, gatepass);
      await run(t, program(code), gatepass);
    });

    if (heading === 'Hono') continue;
    test(`${heading} with the secret`, async (t) => {
      const gatepass = await startAddressed(t, 'HS256');
      const [code = ''] = blocks(heading, language, gatepass).map(withSecret);
      assert.doesNotMatch(code, /ES256|jwks_?ri/i);
      await run(t, program(code), gatepass);
    });
  }

  test('jose with the secret', async (t) => {
    const gatepass = await startAddressed(t, 'HS256');
    const [code = ''] = blocks('HS256', 'js', gatepass);
    const file = moduleOf(
      t,
      `${code}
for (const token of process.argv.slice(2))
  console.log(await userOf(token).catch(() => 'refused'));`,
    );
    const env = { GATEPASS_SECRET: gatepass.secret };
    await expectVerdicts({ program: process.execPath, args: [file], env }, gatepass);
  });
});
