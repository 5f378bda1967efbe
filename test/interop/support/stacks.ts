/** Other people's packages for Node.js, which are no dependencies of ours: installed when a test wants them. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const CACHE = join(import.meta.dirname, '../../../node_modules/.cache');

/**
 * A folder with these packages in its `node_modules`, made once and kept until the next `npm ci`;
 * undefined where they cannot be had.
 *
 * @param packages `name@version`
 */
export function installed(packages: readonly string[]): string | undefined {
  const digest = createHash('sha256').update(packages.join()).digest('hex').slice(0, 12);
  const folder = join(CACHE, `gatepass-${digest}`);
  if (existsSync(folder)) return folder;
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  try {
    writeFileSync(join(draft, 'package.json'), '{"type":"module"}');
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--silent', '--save-exact'];
    const limits = { cwd: draft, timeout: 180_000, stdio: 'ignore' } as const;
    execFileSync('npm', ['install', ...options, ...packages], limits);
    renameSync(draft, folder);
    return folder;
  } catch {
    rmSync(draft, { recursive: true, force: true });
    return existsSync(folder) ? folder : undefined;
  }
}
