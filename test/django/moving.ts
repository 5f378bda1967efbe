/** A Django with users, and a Gatepass that takes them over. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { runCommand } from '../../packages/server/test/support/command.ts';
import {
  post,
  type Server,
  startProcess,
  workDirectory,
} from '../../packages/server/test/support/process.ts';
import { blocksOf } from '../support/markdown.ts';
import { createDjango, type Django, type Stack } from './django.ts';

export type Pair = { readonly access: string; readonly refresh: string };

export async function logIn(url: string, email: string, password: string): Promise<Pair> {
  const answer = await post(url, '/api/token', { email, password });
  assert.equal(answer?.status, 200, `${email} at ${url}: ${JSON.stringify(answer?.body)}`);
  return answer?.body as Pair;
}

export const loginAll = async ({ url, users }: Django) => {
  const pairs = new Map<string, Pair>();
  for (const [email, password] of users) pairs.set(email, await logIn(url, email, password));
  return pairs;
};

export const me = async (url: string, access: string) => {
  const response = await fetch(`${url}/api/users/me`, {
    headers: { authorization: `Bearer ${access}` },
  });
  return { status: response.status, body: await response.json() };
};

/** A Django that does not serve yet. */
export async function prepare(
  t: TestContext,
  stack: Stack,
  variables: Readonly<Record<string, string>> = {},
) {
  const directory = await workDirectory(t);
  const secret = randomBytes(32).toString('hex');
  const django = await createDjango(t, join(directory, 'db.sqlite3'), secret, variables, stack);
  return { directory, secret, django };
}

/** Imports from Django's file, unless the options name a dump, and serves. @param options of the import */
export async function moveIn(
  t: TestContext,
  directory: string,
  variables: Record<string, string>,
  ...options: readonly string[]
) {
  const from = options.includes('--from-json') ? [] : ['--from', 'sqlite:db.sqlite3'];
  const args = ['import', 'django', ...from, ...options];
  const done = await runCommand(directory, args, '', variables);
  assert.equal(done.code, 0, done.stderr);
  return startProcess(t, directory, {
    GATEPASS_ACCEPT_SESSIONLESS_TOKENS: 'true',
    GATEPASS_RATE_LIMITS: 'off',
    ...variables,
  });
}

const guide = (name: string) => readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8');

/** Stops the server, and does what the guide says. @returns a run of its script */
export async function goBack(directory: string, server: Server, django: Django) {
  server.child.kill('SIGTERM');
  await server.exited;
  assert.equal((await runCommand(directory, ['export', 'django', 'back.jsonl'])).code, 0);
  const [script = ''] = blocksOf(guide('from-django.md'), 'python');
  assert.deepEqual(blocksOf(guide('from-django.ru.md'), 'python'), [script]);
  return (variables: Record<string, string> = {}, before = '') =>
    django.shell(before + script, { ACCOUNTS: join(directory, 'back.jsonl'), ...variables });
}
