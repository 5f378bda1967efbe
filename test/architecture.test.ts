/** The import rule of ARCHITECTURE.md, and limits that a compiler does not check. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');
const SERVER = join(ROOT, 'packages/server/src');
const MAX_LINES = 250;

/** Each folder may import from folders on later lines, never from its own line or earlier ones. */
const LINES = [
  ['main', 'cli'],
  ['process'],
  ['app', 'routes', 'background'],
  ['services'],
  ['account', 'admin'],
  ['import', 'export', 'oauth', 'metrics', 'recovery', 'doctor'],
  ['token'],
  ['mfa'],
  ['users', 'sessions', 'events'],
  ['revocations', 'keys', 'api-keys'],
  ['passwords', 'audit', 'throttle', 'backup', 'outbox', 'one-time-tokens', 'mail'],
  ['part'],
  ['http', 'database'],
  ['config', 'errors', 'clock', 'polling', 'priority', 'logger', 'version', 'language'],
];
/** Folders of one line that belong together. */
const NEIGHBOURS = new Set([
  'main→cli',
  'app→routes',
  'app→background',
  'http→database',
  'errors→language',
  'logger→config',
  'polling→clock',
]);

type Source = { path: string; text: string; imports: string[] };

function sourcesOf(directory: string): Source[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes('node_modules'))
    .map((path) => {
      const text = readFileSync(path, 'utf8');
      const specifiers = [...text.matchAll(/(?:\bfrom|^import|\bimport\() ?'([^']+)'/gm)];
      const imports = specifiers.map(([, name = '']) => name).filter((name) => !name.includes('"'));
      return { path, text, imports };
    });
}

const server = sourcesOf(SERVER);
const verifier = sourcesOf(join(ROOT, 'packages/verifier/src'));
const client = sourcesOf(join(ROOT, 'packages/client/src'));
const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
const roomOf = (path: string) => relative(SERVER, path).split('/')[0]?.replace(/\.ts$/, '') ?? '';
const lineOf = (room: string) => LINES.findIndex((line) => line.includes(room));
const localImports = ({ path, imports }: Source) =>
  imports
    .filter((name) => name.startsWith('.') && name.endsWith('.ts'))
    .map((name) => resolve(dirname(path), name));

test('every file is in a folder of the import rule', () => {
  const strangers = server
    .filter(({ path }) => lineOf(roomOf(path)) === -1)
    .map(({ path }) => path);
  assert.deepEqual(strangers, []);
});

test('imports point down the lines of ARCHITECTURE.md', () => {
  const wrong = server.flatMap((source) =>
    localImports(source).flatMap((target) => {
      const [from, to] = [roomOf(source.path), roomOf(target)];
      const isAllowed = from === to || lineOf(to) > lineOf(from) || NEIGHBOURS.has(`${from}→${to}`);
      return isAllowed ? [] : [`${relative(SERVER, source.path)} → ${relative(SERVER, target)}`];
    }),
  );
  assert.deepEqual(wrong, []);
});

test('node:http is imported for its types only: its exports load more than the server needs', () => {
  const wrong = server.filter(({ text }) => /^import (?!type )[^;]*'node:http'/m.test(text));
  assert.deepEqual(
    wrong.map(({ path }) => path),
    [],
  );
});

test('--help and --version load the names of the commands and nothing of the service', () => {
  const loaded = new Set<string>();
  const load = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    const text = readFileSync(path, 'utf8');
    for (const [, name = ''] of text.matchAll(
      /^(?:import|export) (?!type )[^;]*?'(\.[^']+\.ts)'/gm,
    ))
      load(resolve(dirname(path), name));
  };
  load(join(SERVER, 'main.ts'));
  const names = [...loaded].map((path) => relative(SERVER, path)).sort();
  assert.deepEqual(names, ['cli/program.ts', 'main.ts', 'version.ts']);
});

test('a store is imported by its own folder only, its type by others', () => {
  const wrong = server.flatMap(({ path, text }) =>
    [...text.matchAll(/^import (?!type )[^;]*?'(\.[^']+[/-]store\.ts)';/gm)]
      .map(([, name = '']) => resolve(dirname(path), name))
      .filter((target) => dirname(target) !== dirname(path))
      .map((target) => `${path} → ${target}`),
  );
  assert.deepEqual(wrong, []);
});

test('every URL is in the table of its listener', () => {
  const tables = ['routes.ts', 'admin/routes.ts'];
  const paths = server.map(({ path, text }) => ({ name: relative(SERVER, path), text }));
  const mounting = paths.filter(({ text }) =>
    /\b(?:app|scope|fastify)\s*\.(?:route|all|get|post|put|delete|options)\b/.test(text),
  );
  assert.deepEqual(mounting.map(({ name }) => name).sort(), ['http/plain.ts', 'http/resource.ts']);
  const listing = paths.filter(({ text }) =>
    /^import \{[^}]*\b(?:open|guarded|plain)\b[^}]*\} from '[^']*\/http\/(?:resource|plain)\.ts';/m.test(
      text,
    ),
  );
  assert.deepEqual(listing.map(({ name }) => name).sort(), tables.toSorted());
});

test('there are no import cycles', () => {
  const byPath = new Map(
    [...server, ...verifier, ...client].map((source) => [source.path, source]),
  );
  const finished = new Set<string>();
  const cycleFrom = (path: string, trail: string[]): string[] | undefined => {
    if (trail.includes(path)) return [...trail, path];
    const source = byPath.get(path);
    if (!source || finished.has(path)) return undefined;
    for (const target of localImports(source)) {
      const cycle = cycleFrom(target, [...trail, path]);
      if (cycle) return cycle;
    }
    finished.add(path);
    return undefined;
  };
  for (const path of byPath.keys()) assert.equal(cycleFrom(path, []), undefined);
});

test(`no file is longer than ${MAX_LINES} lines`, () => {
  const everything = [
    ...sourcesOf(join(ROOT, 'packages')),
    ...sourcesOf(join(ROOT, 'bench')),
    ...sourcesOf(join(ROOT, 'test')),
  ];
  const long = everything
    .filter(({ text }) => text.split('\n').length > MAX_LINES + 1)
    .map(({ path }) => path);
  assert.deepEqual(long, []);
});

test('environment and streams come through main, so a command runs without a process', () => {
  const readers = server
    .filter(({ text }) => /process\.(?:env|stdin|stdout|stderr)\b/.test(withoutComments(text)))
    .map(({ path }) => relative(SERVER, path));
  assert.deepEqual(readers, []);
});

test('the verifier imports only node:crypto', () => {
  const foreign = verifier.flatMap(({ imports }) =>
    imports.filter((name) => !name.startsWith('.')),
  );
  assert.deepEqual([...new Set(foreign)], ['node:crypto']);
});

test('the client imports nothing, and its React bindings import React', () => {
  const foreign = client.flatMap(({ path, imports }) =>
    imports.filter((name) => !name.startsWith('.')).map((name) => `${basename(path)}: ${name}`),
  );
  assert.deepEqual([...new Set(foreign)], ['react.ts: react']);
});

test('no source uses any, and only one silences a tool', () => {
  const sources = [...server, ...verifier, ...client];
  const isUntyped = (text: string) => /:\s*any\b|\bas any\b|<any>/.test(withoutComments(text));
  // Comments can silence tools.
  const isSilencing = (text: string) =>
    /@ts-(?:ignore|nocheck|expect-error)|biome-ignore/.test(text);
  const pathsOf = (isWrong: (text: string) => boolean) =>
    sources.filter(({ text }) => isWrong(text)).map(({ path }) => path);
  assert.deepEqual(pathsOf(isUntyped), []);
  // A JSON Schema whose keyword is "then", which a linter takes for a promise.
  assert.deepEqual(pathsOf(isSilencing), [join(SERVER, 'recovery/body.ts')]);
});

test('the main file of every feature folder begins with what it owns', () => {
  const mainFiles = [
    'token/tokens',
    'users/users',
    'sessions/sessions',
    'passwords/hasher',
    'keys/key-ring',
    'audit/audit',
    'backup/backup',
    'revocations/revocations',
    'throttle/throttle',
    'http/server',
    'database/open',
    'import/importer',
    'metrics/metrics',
    'admin/administrators',
    'mfa/factors',
    'api-keys/api-keys',
    'events/events',
    'outbox/outbox',
    'one-time-tokens/one-time-tokens',
    'mail/transport',
    'account/pages',
    'doctor/finding',
  ];
  for (const name of mainFiles) {
    const text = readFileSync(join(SERVER, `${name}.ts`), 'utf8');
    assert.match(text, /^\/\*\*\n(?: \* .+\n){2,8} \*\/\n/, name);
    assert.match(text, /\bOwns\b/, name);
  }
});
