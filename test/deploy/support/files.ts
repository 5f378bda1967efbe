/** The files of deploy/, and the programs that read them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { workDirectory } from '../../../packages/server/test/support/process.ts';

export const ROOT = join(import.meta.dirname, '../../..');
export const DEPLOY = join(ROOT, 'deploy');
export const file = (name: string) => readFileSync(join(DEPLOY, name), 'utf8');

/** The value of a test's `skip`. */
export const lacks = (program: string): string | false =>
  spawnSync('which', [program]).status !== 0 && `no ${program}`;

export function mustSay(program: string, args: string[], env: Record<string, string> = {}): string {
  const { status, stdout, stderr } = spawnSync(program, args, { env: { ...process.env, ...env } });
  assert.equal(status, 0, `${stdout}${stderr}`);
  return String(stdout);
}

/** A file of deploy/ with a certificate of the test's own where it names one. */
export async function certified(t: TestContext, name: string) {
  const directory = await workDirectory(t);
  const [key, certificate, both] = ['key', 'crt', 'pem'].map((end) =>
    join(directory, `x.${end}`),
  ) as [string, string, string];
  const args = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    '/CN=auth.example.com',
    '-keyout',
    key,
    '-out',
    certificate,
  ];
  mustSay('openssl', args);
  writeFileSync(both, readFileSync(certificate, 'utf8') + readFileSync(key, 'utf8'));
  const text = file(name)
    .replaceAll('/etc/ssl/auth.example.com/fullchain.pem', certificate)
    .replaceAll('/etc/ssl/auth.example.com/privkey.pem', key)
    .replaceAll('/etc/ssl/auth.example.com.pem', both);
  return { directory, text };
}

/** nginx's file as a whole configuration that needs no root. */
export const wholeNginx = (directory: string, text: string) =>
  `pid ${directory}/pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${directory}/${kind};\n`).join('')}${text}}\n`;
