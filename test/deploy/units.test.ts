/** The systemd units: accepted by systemd, hardened, and the service works within them. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { BIN, environmentOf, workDirectory } from '../../packages/server/test/support/process.ts';
import { isMissing, PYTHON } from '../interop/support/programs.ts';
import { DEPLOY, file, lacks, mustSay } from './support/files.ts';

const skip = lacks('systemd-analyze');
const UNITS = ['gatepass.service', 'gatepass-backup.service'];

test('systemd accepts the units', { skip }, async (t) => {
  const directory = await workDirectory(t);
  for (const name of readdirSync(DEPLOY).filter((each) => /\.(?:service|timer)$/.test(each))) {
    const text = file(name).replaceAll('/usr/bin/node', process.execPath);
    writeFileSync(join(directory, name), text);
  }
  for (const name of ['gatepass.service', 'gatepass-backup.service', 'gatepass-backup.timer']) {
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', join(directory, name)]);
    const said = String(stderr).split('\n');
    assert.deepEqual(
      said.filter((line) => line.includes('gatepass')),
      [],
    );
  }
});

/** systemd's own figure, 0 (all is forbidden) to 10. */
const MAX_EXPOSURE = 2;

test('both services are hardened and have bounds', { skip }, () => {
  for (const name of UNITS) {
    const said = mustSay('systemd-analyze', [
      'security',
      '--no-pager',
      '--offline=true',
      join(DEPLOY, name),
    ]);
    const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(said)?.[1]);
    assert.ok(exposure <= MAX_EXPOSURE, `${name}: ${exposure}`);
    assert.match(file(name), /^MemoryMax=\d+%$/m, name);
    assert.match(file(name), /^TasksMax=\d+$/m, name);
  }
});

const FILTER = join(import.meta.dirname, 'support/filter.py');
const HEADER = '/usr/include/x86_64-linux-gnu/asm/unistd_64.h';
const noFilter = skip || isMissing(PYTHON, '--version') || (!existsSync(HEADER) && `no ${HEADER}`);

for (const name of UNITS)
  test(`the service works with the allowed system calls of ${name}`, {
    skip: noFilter,
  }, async (t) => {
    const directory = await workDirectory(t);
    const env = await environmentOf(directory, { GATEPASS_PORT: '0', GATEPASS_LOG_FORMAT: 'json' });
    const args = [FILTER, join(DEPLOY, name), process.execPath, BIN, 'serve'];
    const child = spawn(PYTHON, args, {
      cwd: directory,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    t.after(async () => {
      child.kill();
      await exited;
    });
    const lines: string[] = [];
    const listening = Promise.withResolvers<string>();
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      const entry: { url?: string } = JSON.parse(line);
      if (entry.url) listening.resolve(entry.url);
    });
    const url = await Promise.race([listening.promise, exited]);
    assert.equal(child.exitCode ?? child.signalCode, null, 'it runs');
    const post = async (path: string) => {
      const body = JSON.stringify({ email: 'a@example.com', password: 'correct horse 9 battery' });
      const headers = { 'content-type': 'application/json' };
      return (await fetch(url + path, { method: 'POST', headers, body })).status;
    };
    assert.equal(await post('/api/users'), 201, lines.join('\n'));
    assert.equal(await post('/api/token'), 200, lines.join('\n'));
    const [program = '', ...backup] = [PYTHON, FILTER, join(DEPLOY, name), process.execPath, BIN];
    const { status, stderr } = spawnSync(program, [...backup, 'db', 'backup', 'copy.db'], {
      cwd: directory,
      env,
    });
    assert.equal(status, 0, String(stderr));
  });

test('deploy/gatepass runs the command line as the unit runs the service', async (t) => {
  const directory = await workDirectory(t);
  const stand = join(directory, 'systemd-run');
  writeFileSync(stand, '#!/bin/sh\nfor each; do printf "%s\\n" "$each"; done\n', { mode: 0o755 });
  const env = { PATH: `${directory}:/usr/bin:/bin` };
  const said = spawnSync(join(DEPLOY, 'gatepass'), ['user', 'show', 'a b'], { env });
  const words = String(said.stdout).trimEnd().split('\n');
  assert.equal(said.status, 0, String(said.stderr));
  assert.deepEqual(words.slice(-3), ['user', 'show', 'a b']);
  const unit = file('gatepass.service');
  for (const [flag, text] of words.map((word, index) => [words[index - 1], word] as const))
    if (flag === '-p') assert.match(unit, new RegExp(`^${text}`, 'm'), text);
    else if (flag === '-E') assert.match(unit, new RegExp(`^Environment=${text}$`, 'm'));
  assert.match(unit, new RegExp(`^ExecStart=${words.slice(-5, -3).join(' ')} serve$`, 'm'));
});
