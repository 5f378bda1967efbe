/** Compares PostgreSQL with SQLite, and one node with two; starts a PostgreSQL of its own. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Postgres, startPostgres } from '../packages/server/test/support/postgres.ts';
import { readArguments } from './arguments.ts';
import { directoryFor, withServers } from './bench.ts';
import { cpuMicroseconds, limitCpu } from './cpu.ts';
import { measureLogouts } from './logout-lag.ts';
import { inspectMachine, type Machine, repository } from './machine.ts';
import {
  type Contender,
  interleave,
  median,
  medianOf,
  percentile,
  type Rounds,
  ratio,
} from './measure.ts';
import { writeTables } from './page.ts';
import { rowBytes } from './postgres-size.ts';
import { applyTo, nodesFor, openSite, SCENARIOS, type Scenario } from './sites.ts';

const HELP = `Measures PostgreSQL next to SQLite and a second node, with a PostgreSQL of its own. About six minutes.

  npm run bench:postgres -- [options]

  --rounds 5      rounds; every round measures both
  --seconds 3     seconds of each measurement
  --share 0.25    share of a processor that each of two nodes gets
  --logouts 300   logouts whose way to the other node is timed
  --write         put the tables into docs/scale.md instead of printing them

Example:
  npm run bench:postgres -- --rounds 2 --seconds 1
`;

const { values } = readArguments(HELP, () =>
  parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      share: { type: 'string', default: '0.25' },
      logouts: { type: 'string', default: '300' },
      write: { type: 'boolean', default: false },
    },
  }),
);
const [rounds, seconds, share, logouts] = [
  values.rounds,
  values.seconds,
  values.share,
  values.logouts,
].map(Number) as [number, number, number, number];
const say = (line: string) => process.stderr.write(`${line}\n`);
const whole = (value: number | undefined) =>
  value === undefined ? '–' : Math.round(value).toLocaleString('en');
const fine = (value: number | undefined) => (value === undefined ? '–' : value.toPrecision(3));
const times = (value: number | undefined) => value?.toFixed(2) ?? '–';

async function compareEngines(machine: Machine, postgres: Postgres, postmaster: number) {
  const lines: string[] = [];
  await withServers(async (keep) => {
    const file = (name: string) => `sqlite:${directoryFor(machine, 'sqlite-data')}/${name}.db`;
    const urls = {
      plain: await newDatabase(postgres, 'one'),
      rotating: await newDatabase(postgres, 'onerotating'),
    };
    const sites = {
      SQLite: await openSite(
        machine,
        keep,
        { plain: file('plain'), rotating: file('rotating') },
        'sqlite',
        1,
      ),
      PostgreSQL: await openSite(machine, keep, urls, 'postgres', 1),
    };
    for (const scenario of SCENARIOS) {
      const costs = new Map<string, number[]>();
      const contenders = Object.entries(sites).map(([name, site]): Contender => {
        const node = nodesFor(site, scenario)[0]?.pid ?? 0;
        return {
          name,
          async measure(s) {
            const requests = await site.requestsOf(scenario, s);
            const before = [cpuMicroseconds(node), cpuMicroseconds(postmaster)];
            const sample = await applyTo(machine, site, {
              scenario,
              requests,
              count: 1,
              seconds: s,
            });
            [cpuMicroseconds(node), cpuMicroseconds(postmaster)].forEach((after, n) => {
              const key = `${name} ${n}`;
              costs.set(key, [
                ...(costs.get(key) ?? []),
                (after - (before[n] ?? 0)) / (sample.rate * s),
              ]);
            });
            return sample;
          },
        };
      });
      const found = await run(scenario, contenders);
      const cost = (key: string) => whole(median(costs.get(key)?.slice(1) ?? []));
      const cells = [
        scenario,
        whole(medianOf(found, 'SQLite', 'rate')),
        `${whole(medianOf(found, 'PostgreSQL', 'rate'))} (${times(ratio(found, 'PostgreSQL', 'SQLite'))})`,
        ...['SQLite', 'PostgreSQL'].map(
          (name) =>
            `${fine(medianOf(found, name, 'p50Ms'))} / ${fine(medianOf(found, name, 'p99Ms'))}`,
        ),
        cost('SQLite 0'),
        cost('PostgreSQL 0'),
        cost('PostgreSQL 1'),
      ];
      lines.push(row(cells));
    }
  });
  return [
    row([
      'one node',
      'SQLite, per second',
      'PostgreSQL',
      'p50 / p99 ms, SQLite',
      'PostgreSQL',
      'µs of CPU a request, SQLite',
      'PostgreSQL: node',
      'PostgreSQL: database',
    ]),
    row(['---', ...Array(7).fill('--:')]),
    ...lines,
  ];
}

async function compareNodes(machine: Machine, postgres: Postgres) {
  const lines: string[] = [];
  const lags: number[] = [];
  await withServers(async (keep) => {
    const urls = {
      plain: await newDatabase(postgres, 'two'),
      rotating: await newDatabase(postgres, 'tworotating'),
    };
    const site = await openSite(machine, keep, urls, 'nodes', 2);
    const [a, b] = site.plain;
    if (!a || !b) throw new Error('no nodes');
    lags.push(...(await measureLogouts(logouts, a, b)));
    const measure = async (scenario: Scenario, count: number, s: number) => {
      const requests = await site.requestsOf(scenario, s);
      const limited = nodesFor(site, scenario).map(({ pid }) => limitCpu(pid, share));
      try {
        return await applyTo(machine, site, { scenario, requests, count, seconds: s });
      } finally {
        for (const release of limited) release();
      }
    };
    for (const scenario of SCENARIOS) {
      const contenders = [1, 2].map(
        (count): Contender => ({
          name: `${count}`,
          measure: (s) => measure(scenario, count, s),
        }),
      );
      const found = await run(`nodes ${scenario}`, contenders);
      const rate = (name: string) => whole(medianOf(found, name, 'rate'));
      lines.push(row([scenario, rate('1'), rate('2'), `${times(ratio(found, '2', '1'))}×`]));
    }
  });
  return [
    row([`nodes with ${share * 100} % of a core each`, 'one, per second', 'two', 'two ÷ one']),
    row(['---', ...Array(3).fill('--:')]),
    ...lines,
    '',
    `A logout at one node, honoured by verify at the other: p50 ${fine(percentile(lags, 50))} ms, p99 ${fine(percentile(lags, 99))} ms, worst ${fine(Math.max(...lags))} ms after its answer (${lags.length} logouts).`,
  ];
}

async function newDatabase(postgres: Postgres, name: string): Promise<string> {
  await postgres.query(`create database ${name}`);
  return postgres.urlOf(name);
}

const run = (what: string, contenders: Contender[]): Promise<Rounds> =>
  interleave(contenders, {
    rounds,
    seconds,
    onMeasure: (round, name) => say(`${what} ${round} ${name}`),
  });
const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

const scratch = mkdtempSync(join(tmpdir(), 'gatepass-postgres-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
const machine = inspectMachine(scratch, '');
for (const warning of machine.warnings) say(`Beware: ${warning}`);
const postgres = await startPostgres({ isDurable: true });

try {
  const file = join(postgres.directory, 'data', 'postmaster.pid');
  const postmaster = Number(readFileSync(file, 'utf8').split('\n')[0]);
  // Beside the load: what the node takes from its core is its own.
  const [pin, , core = ''] = machine.forLoad(['']);
  if (pin === 'taskset') execFileSync(pin, ['-acp', core, String(postmaster)]);
  const engines = await compareEngines(machine, postgres, postmaster);
  const nodes = await compareNodes(machine, postgres);
  const sizes = await rowBytes(postgres, 'two');
  const date = new Date().toISOString().slice(0, 10);
  const lines = [
    `- ${date}: medians of ${rounds} interleaved rounds of ${seconds} s, the median of the rounds' ratios`,
    ...[...machine.description, sizes].map((line) => `- ${line}`),
    ...['', ...engines, '', ...nodes],
  ];
  if (values.write) writeTables(join(repository, 'docs/scale.md'), 'postgres', lines.join('\n'));
  else process.stdout.write(`${lines.join('\n')}\n`);
} finally {
  await postgres.close();
}
