/** `npm run bench`: see --help, and bench/README.md for what the figures mean. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writePictures } from '../scripts/pictures.ts';
import type { Bench } from './bench.ts';
import { goalsOf, isMissed } from './goals.ts';
import {
  benchDirectory,
  inspectMachine,
  type Machine,
  peersInstalled,
  repository,
} from './machine.ts';
import { help, type Options, parseOptions } from './options.ts';
import { writeTables } from './page.ts';
import { report } from './report.ts';
import type { About, Results } from './results.ts';
import { measureLoads } from './scenarios/load-scenarios.ts';
import { measureMemory } from './scenarios/rss.ts';
import { measureStartup } from './scenarios/startup.ts';
import { measureTableSize } from './scenarios/users100k.ts';
import { measureVerifiers } from './scenarios/verifier.ts';
import { loadScenarios, type Target } from './targets/target.ts';
import { targets, targetsOf } from './targets.ts';

const say = (line: string) => process.stderr.write(`${line}\n`);

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (!options) return 2;
  if (options.help) {
    process.stdout.write(help);
    return 0;
  }
  installPeers();
  const scratch = mkdtempSync(join(tmpdir(), 'gatepass-bench-'));
  // `exit` handlers also run after a signal: servers are ended there (server-process.ts).
  process.on('exit', () => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
  try {
    return await measureAndReport(
      options,
      inspectMachine(scratch, options.python, !options.unpinned),
    );
  } catch (error) {
    say(`bench: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

function readOptions(args: readonly string[]): Options | undefined {
  try {
    return parseOptions(args);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    say(`bench: ${error.message}. See npm run bench -- --help`);
    return undefined;
  }
}

function installPeers(): void {
  if (peersInstalled()) return;
  say('bench/node_modules is missing: npm ci --prefix bench');
  const args = ['ci', '--prefix', benchDirectory, '--ignore-scripts'];
  const { status } = spawnSync('npm', args, { cwd: repository, stdio: ['ignore', 2, 2] });
  if (status !== 0) say('npm ci failed: going on without better-auth, autocannon and fast-jwt');
}

async function measureAndReport(options: Options, machine: Machine): Promise<number> {
  for (const warning of machine.warnings) say(`Beware: ${warning}`);
  const asked = [
    ...targets.filter(({ name }) => options.only.includes(name)),
    ...(options.against === undefined ? [] : targetsOf(resolve(options.against))),
  ];
  const about = look(options, machine, asked);
  for (const { name, missing } of about.skipped) say(`${name} left out: ${missing}`);
  const able = asked.filter(({ name }) => about.measured.some((one) => one.name === name));
  if (able.length === 0 && !options.scenario.includes('verifier'))
    throw new Error('no contender left to measure');

  const results = await measure({ options, machine, targets: able, progress: say });
  const text = report(about, results);
  if (options.write) {
    const file = join(repository, 'docs', 'performance.md');
    writeTables(file, 'bench', text);
    writePictures();
    say(`written: ${file}`);
  } else {
    process.stdout.write(`${text}\n`);
  }
  return options.check && goalsOf(results).some(isMissed) ? 3 : 0;
}

function look(options: Options, machine: Machine, asked: readonly Target[]): About {
  const measured: { name: string; what: string }[] = [];
  const skipped: { name: string; missing: string }[] = [];
  const needsServers = options.scenario.some((name) => name !== 'verifier');
  for (const target of needsServers ? asked : []) {
    const found = target.inspect(machine);
    if ('what' in found) measured.push({ name: target.name, ...found });
    else skipped.push({ name: target.name, ...found });
  }
  const { rounds, seconds, connections } = options;
  const date = new Date().toISOString().slice(0, 10);
  return {
    measured,
    skipped,
    machine: machine.description,
    warnings: machine.warnings,
    plan: `${date}: medians of ${rounds} interleaved rounds of ${seconds} s, ${connections} connections (logins: 8)`,
  };
}

async function measure(bench: Bench): Promise<Results> {
  const { scenario } = bench.options;
  const loads = loadScenarios.filter((name) => scenario.includes(name));
  // Rotation changes neither how a server starts nor what it holds.
  const plain = { ...bench, targets: bench.targets.filter(({ rotates }) => !rotates) };
  const wantsTable =
    scenario.includes('users100k') && bench.targets.some(({ name }) => name === 'gatepass');
  return {
    loads: loads.length > 0 ? await measureLoads(bench, loads) : new Map(),
    ...(scenario.includes('startup') && { startTimes: await measureStartup(plain) }),
    ...(scenario.includes('rss') && { memory: await measureMemory(plain) }),
    ...(wantsTable && { tableSize: await measureTableSize(bench) }),
    ...(scenario.includes('verifier') && { verifiers: await measureVerifiers(bench) }),
  };
}

process.exitCode = await main(process.argv.slice(2));
