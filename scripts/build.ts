/**
 * Builds the publishable packages: JavaScript into packages/NAME/dist, with a package.json of its
 * own, so that `npm pack ./packages/NAME/dist` and `npm publish` ship exactly that folder. With an
 * argument, into FOLDER/NAME. The manifests of the sources are private, so they cannot be published
 * by mistake. Development and `npm start` never need a build: they run the TypeScript.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { bundleServer } from './bundle.ts';

const ROOT = join(import.meta.dirname, '..');
const [, , FOLDER] = process.argv;

for (const name of ['verifier', 'client', 'server']) {
  const home = join(ROOT, 'packages', name);
  const dist = FOLDER ? join(FOLDER, name) : join(home, 'dist');
  rmSync(dist, { recursive: true, force: true });
  if (name === 'server') await bundleServer(dist);
  else compile(home, dist);
  cpSync(join(ROOT, 'LICENSE'), join(dist, 'LICENSE'));
  const readme = name === 'server' ? 'README.md' : `packages/${name}/README.md`;
  writeFileSync(join(dist, 'README.md'), withoutLinks(readme));
  process.stdout.write(`built ${dist}\n`);
}

/** Makes one JavaScript file and its types for each source; applications bundle them. */
function compile(home: string, dist: string): void {
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  execFileSync(tsc, ['-p', home, '--outDir', dist], { stdio: 'inherit' });
  const manifest: Record<string, unknown> = JSON.parse(read(join(home, 'package.json')));
  delete manifest['private'];
  delete manifest['devDependencies'];
  Object.assign(manifest, builtEntries(manifest['exports']));
  writeFileSync(join(dist, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

function read(path: string): string {
  return readFileSync(path, 'utf8');
}

/** A package has no page but its README, so links to other pages become their names (decision 081). */
function withoutLinks(path: string): string {
  const relative = /!?\[([^\]]*)\]\((?![a-z]+:|#)([^)\s#]+)[^)\s]*\)/g;
  return read(join(ROOT, path)).replace(relative, (link, label: string, file: string) => {
    if (link.startsWith('!')) return '';
    const target = posix.join(posix.dirname(path), file);
    return label.includes(target) ? label : `${label} (${target} in the repository)`;
  });
}

/** `exports` with the output of `tsc`; `main` and `types` for resolvers that do not know `exports`. */
function builtEntries(exports: unknown): object {
  if (typeof exports !== 'object' || exports === null) return {};
  const entries = Object.entries(exports).map(([subpath, source]) => {
    const path = String(source).replace(/\.ts$/, '');
    return [subpath, { types: `${path}.d.ts`, default: `${path}.js` }] as const;
  });
  const root = entries.find(([subpath]) => subpath === '.')?.[1];
  return {
    ...(root && { main: root.default, types: root.types }),
    exports: Object.fromEntries(entries),
  };
}
