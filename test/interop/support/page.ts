/** The code of docs/tokens.md: what it says under a heading, and whom it believes. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import * as markdown from '../../support/markdown.ts';
import type { Addressed } from './addressed.ts';
import { ask } from './story.ts';

export const page = readFileSync(join(import.meta.dirname, '../../../docs/tokens.md'), 'utf8');

/** The blocks of a language under a heading, made to ask this Gatepass. */
export function blocks(heading: string, language: string, { url }: { url: string }): string[] {
  const found = markdown.blocksOf(markdown.sectionOf(page, heading), language);
  assert.ok(found.length > 0, `${heading} has no ${language}`);
  return found.map((code) => code.replaceAll('http://127.0.0.1:8000', url));
}

export function workDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'gatepass-page-'));
  t.after(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}

type Command = { program: string; args: string[]; cwd?: string; env?: Record<string, string> };

/**
 * A program that prints a line for each of its arguments: the user of a token, or `refused`.
 * Not the synchronous kind of call, because the service responds from this process.
 */
export async function expectVerdicts(command: Command, { good, bad }: Addressed): Promise<void> {
  const { program, args, cwd, env } = command;
  const tokens = [...Object.values(good), ...Object.values(bad)];
  const options = { timeout: 120_000, env: { ...process.env, ...env }, ...(cwd && { cwd }) };
  const { stdout } = await promisify(execFile)(program, [...args, ...tokens], options);
  const lines = stdout.trimEnd().split('\n');
  const names = [...Object.keys(good), ...Object.keys(bad)];
  assert.deepEqual(
    names.map((name, i) => [name, lines[i]]),
    names.map((name) => [name, name in good ? '1' : 'refused']),
  );
}

/** The same of an API with the route `/me`. Some libraries refuse with another status than 401. */
export async function expectMe(port: number, { good, bad }: Addressed, refusals = [401]) {
  const me = (token: string) => ask(port, { authorization: `Bearer ${token}` });
  for (const [name, token] of Object.entries(good)) {
    const { status, text } = await me(token);
    assert.equal(status, 200, `${name}: ${text}`);
    assert.equal(JSON.parse(text).user, '1', name);
  }
  for (const [name, token] of Object.entries(bad)) {
    const { status, text } = await me(token);
    assert.ok(refusals.includes(Number(status)), `${name}: ${status} ${text}`);
  }
  assert.equal((await ask(port)).status, 401);
}
