/**
 * Builds the publishable packages: JavaScript into packages/NAME/dist, with a package.json of its
 * own, so that `npm publish packages/NAME/dist` ships exactly that folder. Development and
 * `npm start` never need it: they run the TypeScript.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
// In the order of their dependencies.
const PACKAGES = ['verifier', 'client', 'server'];

for (const name of PACKAGES) {
  const home = join(ROOT, 'packages', name);
  const dist = join(home, 'dist');
  rmSync(dist, { recursive: true, force: true });
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', home], { stdio: 'inherit' });
  cpSync(join(ROOT, 'LICENSE'), join(dist, 'LICENSE'));
  cpSync(join(name === 'server' ? ROOT : home, 'README.md'), join(dist, 'README.md'));
  const manifest: Record<string, unknown> = JSON.parse(read(join(home, 'package.json')));
  delete manifest['devDependencies'];
  manifest['exports'] = builtExports(manifest['exports']);
  writeFileSync(join(dist, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  if (manifest['bin']) {
    mkdirSync(join(dist, 'bin'));
    const launcher = read(join(home, 'bin/gatepass.js')).replace('main.ts', 'main.js');
    writeFileSync(join(dist, 'bin/gatepass.js'), launcher, { mode: 0o755 });
  }
  process.stdout.write(`built packages/${name}/dist\n`);
}

function read(path: string): string {
  return readFileSync(path, 'utf8');
}

/** `./src/x.ts`, alone or in a map of subpaths, as what `tsc` makes of it. */
function builtExports(exports: unknown): unknown {
  if (typeof exports === 'string') {
    return { types: exports.replace(/\.ts$/, '.d.ts'), default: exports.replace(/\.ts$/, '.js') };
  }
  if (typeof exports !== 'object' || exports === null) return undefined;
  return Object.fromEntries(
    Object.entries(exports).map(([subpath, entry]) => [subpath, builtExports(entry)]),
  );
}
