/**
 * Builds the publishable packages: JavaScript and types into packages/NAME/dist, each with a
 * package.json of its own, so that `npm publish packages/NAME/dist` ships what was tested.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const PACKAGES = ['verifier', 'server'];

type Manifest = Record<string, unknown> & { exports?: string; bin?: Record<string, string> };

for (const name of PACKAGES) {
  const home = join(ROOT, 'packages', name);
  const dist = join(home, 'dist');
  rmSync(dist, { recursive: true, force: true });
  execFileSync(
    join(ROOT, 'node_modules/.bin/tsc'),
    ['-p', join(ROOT, 'tsconfig.build.json'), '--rootDir', home, '--outDir', dist].concat(
      name === 'server' ? ['--declaration', 'false'] : [],
    ),
    { stdio: 'inherit', env: { ...process.env } },
  );
  for (const file of ['README.md', 'bin']) {
    cpSync(join(home, file), join(dist, file), { recursive: true, force: true });
  }
  cpSync(join(ROOT, 'LICENSE'), join(dist, 'LICENSE'));
  const { devDependencies: _, ...manifest }: Manifest = JSON.parse(
    readFileSync(join(home, 'package.json'), 'utf8'),
  );
  if (manifest.exports) manifest.exports = manifest.exports.replace(/\.ts$/, '.js');
  writeFileSync(join(dist, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  process.stdout.write(`built packages/${name}/dist\n`);
}
