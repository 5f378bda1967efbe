/**
 * Bundles the server: `node scripts/bundle.ts FOLDER` writes bin/, lib/, a manifest and the licences
 * of what is bundled. Needs the dependencies of packages/server and nothing else, so the image can
 * be built without the tools of the tests (decision 101).
 */
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import { FOLDER as CONSOLE } from '../packages/console/src/folder.ts';

const ROOT = join(import.meta.dirname, '..');
const SERVER = join(ROOT, 'packages/server');

/** Not bundled: native code, a driver that few need, and files that are served. */
const EXTERNAL = [
  '@fastify/swagger-ui',
  '@node-rs/argon2',
  '@node-rs/bcrypt',
  'htm',
  'pg',
  'preact',
];

/** Bundled CommonJS packages `require` only Node's own modules. */
const REQUIRE = `import { createRequire as createBundleRequire } from 'node:module';
const require = createBundleRequire(import.meta.url);`;

const LAZY_HTTP2 = `for (const name of ['createServer', 'createSecureServer'])
  Object.defineProperty(exports, name, { get: () => process.getBuiltinModule('node:http2')[name] });`;

/**
 * `node:http` without `import`, which reads all exports: one of them loads an HTTP client that the
 * server never uses, 50 of the 350 ms of a start. `node:http2` is loaded only when Fastify uses it.
 */
const LAZY_HTTP: Plugin = {
  name: 'lazy-http',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:node:)?http(?:s|2)?$/ }, ({ path }) => ({
      path,
      namespace: 'builtin',
    }));
    onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({
      contents: path.endsWith('2')
        ? LAZY_HTTP2
        : `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

/**
 * @param more other entries of lib/, by name
 * @returns the contents of each file
 */
export async function bundleServer(
  folder: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: {
      main: join(SERVER, 'src/main.ts'),
      'hash-worker': join(SERVER, 'src/passwords/hash-worker.ts'),
      'mail-worker': join(SERVER, 'src/recovery/mail-worker.ts'),
      ...more,
    },
    outdir: join(folder, 'lib'),
    ...{ bundle: true, splitting: true, metafile: true },
    ...{ platform: 'node', format: 'esm', target: 'node24', legalComments: 'none' },
    // Names are kept for readable stack traces; only white space and syntax are minified.
    ...{ minifySyntax: true, minifyWhitespace: true },
    external: EXTERNAL,
    // Its `main` is CommonJS, of which a dynamic import sees only one export.
    alias: { '@zxcvbn-ts/language-common': '@zxcvbn-ts/language-common/dist/index.mjs' },
    banner: { js: REQUIRE },
    plugins: [LAZY_HTTP],
    logLevel: 'warning',
  });
  // Beside the modules, where the bundled package looks for them; types are not served.
  cpSync(CONSOLE, join(folder, 'lib/public'), {
    recursive: true,
    filter: (path) => !path.endsWith('.d.ts'),
  });
  mkdirSync(join(folder, 'bin'), { recursive: true });
  const launcher = read(join(SERVER, 'bin/gatepass.js'));
  const bin = join(folder, 'bin/gatepass.js');
  writeFileSync(bin, launcher.replace('../src/main.ts', '../lib/main.js'));
  chmodSync(bin, 0o755);
  writeFileSync(join(folder, 'THIRD-PARTY-LICENSES'), licencesOf(Object.keys(metafile.inputs)));
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifestOf(), null, 2)}\n`);
  return metafile;
}

/** The manifest of the source without its development parts; private, so it cannot be published. */
function manifestOf(): object {
  const source: Record<string, unknown> & { dependencies: Record<string, string> } = JSON.parse(
    read(join(SERVER, 'package.json')),
  );
  const { private: _private, devDependencies: _tools, dependencies, ...rest } = source;
  const kept = Object.entries(dependencies).filter(([name]) => EXTERNAL.includes(name));
  return { ...rest, dependencies: Object.fromEntries(kept) };
}

/** Each bundled package with its version and its licence, as the licences ask for. */
function licencesOf(inputs: readonly string[]): string {
  const folders = inputs.flatMap(
    (path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [],
  );
  return [...new Set(folders)]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(read(join(ROOT, folder, 'package.json')));
      const file = readdirSync(join(ROOT, folder)).find((each) => /^licen[cs]e/i.test(each));
      const text = file ? read(join(ROOT, folder, file)).trim() : '';
      return `${name} ${version} (${license})\n\n${text}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

function read(path: string): string {
  return readFileSync(path, 'utf8');
}

if (import.meta.main) {
  const [, , folder] = process.argv;
  if (!folder) throw new TypeError('usage: node scripts/bundle.ts FOLDER');
  await bundleServer(folder);
}
