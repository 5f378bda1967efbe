/** Runs the chaos experiments, each in a process of its own, and prints their results as a table. */
import { fork } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { experiments } from './experiments.ts';
import type { Experiment, Options, Result } from './support/experiment.ts';

const ENGINES = ['sqlite', 'postgres'] as const;
type Engine = (typeof ENGINES)[number];
/** Time for starting, for checks afterwards and for a slow machine; longer runs count as hanging. */
const GRACE_S = 240;
const PROGRESS_MS = 5000;
/** The time that a planted bug takes to show. */
const PLANTED_MAX_S = 5;
/** The short form acts for SHORT_S seconds at first, and for longer on a slow machine. */
const SHORT_S = 1;
const LONGER = 3;
const SHORT_TRIES = 3;
const SHORT_JOBS = 2;

const HELP = `npm run chaos -- [I1 I2 …] [options]

Faults on purpose, and whether what is promised holds. All experiments unless some are named.

  --engine sqlite|postgres|both   default: sqlite
  --seconds N                     how long each acts; default: 20
  --seed N                        default: 1
  --planted                       with the planted bug of each: must come out broken
  --prove                         both: as it is, then up to 5 s with the planted bug
  --short                         --prove from 1 s on, two experiments at a time; one that
                                  shows nothing is tried again for longer, one that compares times
                                  when it is broken, too; the table counts the retries
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

/** Resolves however the process ends, to a sentence if there is no result. Ends all that it started. */
function runApart(id: string, on: Engine, options: Options): Promise<Result | string> {
  const directory = mkdtempSync(join(tmpdir(), 'gatepass-chaos-run-'));
  // PostgreSQL runs as another user where this one is root.
  chmodSync(directory, 0o711);
  const child = fork(join(import.meta.dirname, 'one.ts'), [id, JSON.stringify(options)], {
    env: { ...process.env, GATEPASS_TEST_ENGINE: on, TMPDIR: directory },
    detached: true,
  });
  const what = `${id} on ${on}${options.planted ? ', planted' : ''}`;
  const start = performance.now();
  const elapsed = () => Math.round((performance.now() - start) / 1000);
  const limit = options.seconds + GRACE_S;
  let result: Result = { figures: {}, violations: [] };
  let failure: string | undefined = 'it ended without a result';
  const end = () => {
    try {
      // The group, which includes its servers.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Nothing of it is left.
    }
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  const interrupt = () => {
    end();
    process.exit(130);
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const progress = setInterval(() => console.error(`${what}: ${elapsed()} s`), PROGRESS_MS);
  const deadline = setTimeout(() => {
    failure = `no end after ${limit} s`;
    end();
  }, limit * 1000);
  child.on('message', (message) => {
    result = message as Result;
    failure = undefined;
  });
  return new Promise((resolve) => {
    child.once('exit', () => {
      clearInterval(progress);
      clearTimeout(deadline);
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      end();
      if (failure) return resolve(failure);
      for (const violation of result.violations.slice(0, 5)) console.error(`${what}: ${violation}`);
      resolve(result);
    });
  });
}

/** Whether a planted bug was not found, or a figure other than `unanswered` is 0. */
const showsNothing = ({ figures, violations }: Result, isPlanted: boolean): boolean =>
  violations.length === 0 &&
  (isPlanted || Object.entries(figures).some(([name, count]) => name !== 'unanswered' && !count));

/** Tries again for longer while the result shows nothing, or shows what may be the machine's fault. */
async function runShort({ id, isTimed }: Experiment, on: Engine, { seed, planted }: Options) {
  let seconds = SHORT_S;
  for (let tries = 1; ; tries++) {
    const result = await runApart(id, on, { seconds, seed, planted });
    if (typeof result === 'string') return { result, tries };
    const isEmpty = showsNothing(result, planted);
    const isDoubtful = isTimed && !planted && result.violations.length > 0;
    if (!isEmpty && !isDoubtful) return { result, tries };
    if (tries === SHORT_TRIES)
      return { result: isEmpty && !planted ? 'nothing was shown' : result, tries };
    if (isEmpty) seconds *= LONGER;
    const seen = isEmpty ? 'nothing was shown' : 'broken, perhaps by a busy machine';
    console.error(`${id} on ${on}: ${seen}; trying ${seconds} s`);
  }
}

async function verdict(experiment: Experiment, on: Engine, options: Options, isShort: boolean) {
  const { result, tries } = isShort
    ? await runShort(experiment, on, options)
    : { result: await runApart(experiment.id, on, options), tries: 1 };
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
  const isProof = given.prove || short;
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
  async function job(): Promise<void> {
    for (let run = runs.shift(); run; run = runs.shift()) {
      const { experiment, on } = run;
      const verdicts = [];
      for (const planted of bugs) {
        const acting = isProof && planted ? Math.min(seconds, PLANTED_MAX_S) : seconds;
        const outcome = await verdict(experiment, on, { seconds: acting, seed, planted }, short);
        verdicts.push(outcome);
        if (outcome.isBroken !== (planted && isProof)) isAsPromised = false;
      }
      const { id, invariant, plantedBug } = experiment;
      const acted = short ? `from ${SHORT_S}` : seconds;
      const texts = verdicts.map(({ text }) => text).join(' | ');
      const what = `${invariant}; ${plantedBug}`;
      console.log(`| ${id} | ${what} | ${on} | ${acted} | ${verdicts[0]?.seen} | ${texts} |`);
    }
  }
  await Promise.all(Array.from({ length: short ? SHORT_JOBS : 1 }, job));
  process.exitCode = isAsPromised ? 0 : 1;
}

// Half of the time of a short experiment was its imports.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '../../node_modules/.cache/tests');
try {
  const given = readArguments();
  if (given.help) console.log(HELP);
  else if (given.list)
    for (const { id, invariant, engine } of experiments)
      console.log(`${id.padEnd(5)}${invariant}${engine ? ` (${engine} only)` : ''}`);
  else await main(given);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
