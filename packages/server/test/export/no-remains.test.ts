/** An export that fails, by a signal or a full disk, leaves no file. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../support/command.ts';
import { BIN, environmentOf, workDirectory } from '../support/process.ts';

const FILE = 'back.jsonl';

/** Runs `action` in the process of the command, as soon as the file has content. */
const inTheMiddle = (action: string) =>
  `--import=data:text/javascript,${encodeURIComponent(
    `import { statSync } from 'node:fs';
    const timer = setInterval(() => {
      if (!statSync('${FILE}', { throwIfNoEntry: false })?.size) return;
      clearInterval(timer);
      ${action};
    }, 1).unref();`,
  )}`;

test('a signal, an exit in the middle and a file that cannot grow leave no part of an export', async (t) => {
  const directory = await workDirectory(t);
  const rows = Array.from({ length: 12_000 }, (_, i) => `user${i}@example.com,!`);
  await writeFile(join(directory, 'u.csv'), ['email,password_hash', ...rows, ''].join('\n'));
  assert.equal((await runCommand(directory, ['import', 'csv', 'u.csv'])).code, 0);

  async function run(limit: string, options = '') {
    const command = `${limit} exec "$0" "$@"`;
    const args = ['-c', command, process.execPath, BIN, 'export', 'django', FILE];
    const env = await environmentOf(directory, options === '' ? {} : { NODE_OPTIONS: options });
    const child = spawn('sh', args, { cwd: directory, env });
    t.after(() => child.kill('SIGKILL'));
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => {
        said += data;
      });
    const [code, signal] = await once(child, 'close');
    return { code: code ?? signal, said };
  }

  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
  for (const [signal, code] of Object.entries(codes)) {
    const done = await run('', inTheMiddle(`process.kill(process.pid, '${signal}')`));
    assert.deepEqual(done, { code, said: 'Interrupted.\n' }, signal);
    assert.equal(existsSync(join(directory, FILE)), false, signal);
  }
  const left = await run('', inTheMiddle('process.exit(130)'));
  assert.equal(left.code, 130, left.said);
  assert.equal(existsSync(join(directory, FILE)), false);

  const full = await run('ulimit -f 2000;');
  assert.deepEqual(full, {
    code: 1,
    said: 'back.jsonl could not be written and was removed: EFBIG: file too large, write.\n',
  });
  assert.equal(existsSync(join(directory, FILE)), false);
});

test('output onto a full disk is one sentence and exit code 1', {
  skip: !existsSync('/dev/full') && 'needs /dev/full',
}, () => {
  const args = ['-c', 'exec "$0" "$@" > /dev/full', process.execPath, BIN, '--help'];
  const { status, stderr } = spawnSync('sh', args, { encoding: 'utf8' });
  assert.deepEqual([status, stderr], [1, 'ENOSPC: no space left on device, write.\n']);
});
