/** The PostgreSQL of the tests leaves nothing behind, however its tests end. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { until } from '../support/until.ts';

const PROGRAM = join(import.meta.dirname, '../support/postgres-program.ts');

for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const)
  test(`its data are removed after ${signal} to all that a terminal started`, async (t) => {
    const child = spawn(process.execPath, [PROGRAM], {
      stdio: ['ignore', 'pipe', 'inherit'],
      // A process group of its own, as a shell makes one for each command.
      detached: true,
    });
    const pid = child.pid ?? 0;
    t.after(() => child.kill('SIGKILL'));
    const [directory] = await once(createInterface({ input: child.stdout }), 'line');
    assert.ok(existsSync(directory));
    const ended = once(child, 'exit');
    // Nothing can outlive a SIGKILL of its own.
    process.kill(signal === 'SIGKILL' ? pid : -pid, signal);
    await ended;
    await until('the data are gone', () => !existsSync(directory));
  });
