/** Runs the chaos experiments and prints their results as a table. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleServer } from '../../scripts/bundle.ts';
import { experiments } from './experiments.ts';
import { type Apart, createApart, type Engine } from './support/apart.ts';
import type { Experiment, Options, Result } from './support/experiment.ts';

const ENGINES: readonly Engine[] = ['sqlite', 'postgres'];
const CACHE = join(import.meta.dirname, '../../node_modules/.cache');
/** The time that a planted bug takes to show. */
const PLANTED_MAX_S = 5;
/** The pace of the short form, whose length is a number of kills, rounds or requests. */
const SHORT_S = 1;
const SHORT_TRIES = 3;
const SHORT_JOBS = 3;

const HELP = `npm run chaos -- [I1 I2 …] [options]

Faults on purpose, and whether what is promised holds. All experiments unless some are named.

  --engine sqlite|postgres|both   default: sqlite
  --seconds N                     how long each acts; default: 20
  --seed N                        default: 1
  --planted                       with the planted bug of each: must come out broken
  --prove                         both: as it is, then up to 5 s with the planted bug
  --short                         --prove, three experiments at a time, each until it has shown
                                  enough; one that shows nothing is tried again, one that compares
                                  times when it is broken, too; the table counts the retries
  --list                          the experiments
  --help

Exit code: 0 every invariant held (with --prove: and every planted bug was found), 1 one was
broken or an experiment failed or hung, 2 wrong usage. Progress goes to stderr, the table (Markdown) to stdout.

  npm run chaos -- I3 I4 --engine both --seconds 30 --prove`;

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      engine: { type: 'string', default: 'sqlite' },
      seconds: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      planted: { type: 'boolean', default: false },
      prove: { type: 'boolean', default: false },
      short: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const engines = ENGINES.filter((each) => values.engine === each || values.engine === 'both');
  const seconds = Number(values.seconds);
  const seed = Number(values.seed);
  const unknown = positionals.filter((name) => !experiments.some(({ id }) => id === name));
  if (unknown.length > 0) throw new Error(`no such experiment: ${unknown.join(', ')}`);
  if (engines.length === 0) throw new Error('--engine must be sqlite, postgres or both');
  if (!(seconds > 0)) throw new Error('--seconds must be a number above 0');
  if (!Number.isInteger(seed)) throw new Error('--seed must be a whole number');
  const chosen = experiments.filter(
    ({ id }) => positionals.length === 0 || positionals.includes(id),
  );
  return { ...values, engines, seconds, seed, chosen };
}

/** Whether a planted bug was not found, or a figure other than `unanswered` is 0. */
const showsNothing = ({ figures, violations }: Result, isPlanted: boolean): boolean =>
  violations.length === 0 &&
  (isPlanted || Object.entries(figures).some(([name, count]) => name !== 'unanswered' && !count));

/** Tries again what shows nothing, and what compares times and may be the machine's fault. */
async function runShort({ id, isTimed }: Experiment, apart: Apart, options: Options) {
  for (let tries = 1; ; tries++) {
    const result = await apart.run({ id, options });
    if (typeof result === 'string') return { result, tries };
    const isEmpty = showsNothing(result, options.planted);
    const isDoubtful = isTimed && !options.planted && result.violations.length > 0;
    if (!isEmpty && !isDoubtful) return { result, tries };
    if (tries === SHORT_TRIES)
      return { result: isEmpty && !options.planted ? 'nothing was shown' : result, tries };
    const seen = isEmpty ? 'nothing was shown' : 'broken, perhaps by a busy machine';
    console.error(`${id}: ${seen}; trying again`);
  }
}

async function verdict(experiment: Experiment, apart: Apart, options: Options) {
  const { result, tries } = options.isShort
    ? await runShort(experiment, apart, options)
    : { result: await apart.run({ id: experiment.id, options }), tries: 1 };
  const retries = tries > 1 ? `, retries: ${tries - 1}` : '';
  // Neither held nor broken: an experiment that fails has not found the planted bug.
  if (typeof result === 'string') return { seen: '–', text: `failed: ${result}${retries}` };
  const count = result.violations.length;
  const seen = Object.entries(result.figures).map(([name, value]) => `${value} ${name}`);
  return {
    seen: seen.join(', ').replaceAll('_', ' '),
    text: `${count > 0 ? `broken ${count} times` : 'held'}${retries}`,
    isBroken: count > 0,
  };
}

async function main(given: ReturnType<typeof readArguments>): Promise<void> {
  const { engines, seconds, seed, chosen, short } = given;
  const isProof = given.prove || (short && !given.planted);
  const bugs = isProof ? [false, true] : [given.planted];
  const outcomes = bugs.map((bug) => (bug ? 'with the bug planted' : 'as it is')).join(' | ');
  console.log(`| | invariant; the planted bug | engine | seconds | seen | ${outcomes} |`);
  console.log(`| --- | --- | --- | --- | --- |${' --- |'.repeat(bugs.length)}`);
  let isAsPromised = true;
  const runs = chosen.flatMap((experiment) =>
    engines
      .filter((on) => experiment.engine === undefined || experiment.engine === on)
      .map((on) => ({ experiment, on })),
  );
  async function runOne({ experiment, on }: (typeof runs)[number], apart: Apart): Promise<void> {
    const { id, invariant, plantedBug, asItIs } = experiment;
    const verdicts = [];
    for (const planted of bugs) {
      if (short && !planted && runs.some((run) => run.on === on && run.experiment.id === asItIs))
        verdicts.push({ seen: `see ${asItIs}`, text: `see ${asItIs}` });
      else {
        const acting = isProof && planted ? Math.min(seconds, PLANTED_MAX_S) : seconds;
        const options = { seconds: short ? SHORT_S : acting, seed, planted, isShort: short };
        const outcome = await verdict(experiment, apart, options);
        verdicts.push(outcome);
        if (outcome.isBroken !== (planted && isProof)) isAsPromised = false;
      }
    }
    const acted = short ? 'short' : seconds;
    const texts = verdicts.map(({ text }) => text).join(' | ');
    const what = `${invariant}; ${plantedBug}`;
    console.log(`| ${id} | ${what} | ${on} | ${acted} | ${verdicts[0]?.seen} | ${texts} |`);
  }
  const left = runs.values();
  async function job(): Promise<void> {
    const aparts = { sqlite: createApart('sqlite'), postgres: createApart('postgres') };
    const all = Object.values(aparts);
    const interrupt = () => {
      for (const apart of all) apart.kill();
      process.exit(130);
    };
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    for (const run of left) await runOne(run, aparts[run.on]);
    for (const apart of all) await apart.close();
  }
  await Promise.all(Array.from({ length: short ? SHORT_JOBS : 1 }, job));
  process.exitCode = isAsPromised ? 0 : 1;
}

/** The servers of the experiments run from one bundle, also those with a planted bug. */
async function withBundle(work: () => Promise<void>): Promise<void> {
  const folder = join(CACHE, `chaos-${process.pid}`);
  process.env['GATEPASS_CHAOS_BUNDLE'] = folder;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const planted = join(import.meta.dirname, 'support/planted-server.ts');
  await bundleServer(folder, { 'planted-server': planted });
  await work();
}

process.env['NODE_COMPILE_CACHE'] ??= join(CACHE, 'tests');
try {
  const given = readArguments();
  if (given.help) console.log(HELP);
  else if (given.list)
    for (const { id, invariant, engine } of experiments)
      console.log(`${id.padEnd(5)}${invariant}${engine ? ` (${engine} only)` : ''}`);
  else await withBundle(() => main(given));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
