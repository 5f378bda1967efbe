/**
 * Runs test files as `node --test` does, but neighbours share a process, because each process spends
 * half a second of CPU on its imports and more on code that is not optimised yet. Long files start first,
 * each beside a list of others, because they mostly wait.
 */
import { existsSync, globSync, statSync } from 'node:fs';
import { chmod, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run } from 'node:test';
import { spec, tap } from 'node:test/reporters';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const HELP = `node scripts/test.ts [options] GLOB …

  --memory           temporary files in memory where there is room: commits wait for no disk
  --bundle           processes of tests run the bundled server, which is made first: half a start
  --setup FILE       exports globalSetup and globalTeardown, as for node --test
  --except GLOB      files that do not run; may be given several times
  --concurrency N    processes at a time (default: one more than twice the processors, at most 8)
  --reporter spec    or tap
  --help

A single file runs with "node --test FILE", too.`;

/** Files with a process of their own, because they start processes and mostly wait for them. */
const LONG = [
  'packages/server/test/sessions/refresh-race.test.ts',
  'packages/server/test/upgrade.test.ts',
  'packages/server/test/workers.test.ts',
  'packages/server/test/security/overload.test.ts',
  'packages/server/test/postgres/outage.test.ts',
  'packages/server/test/postgres/start.test.ts',
  'packages/server/test/postgres/pooler.test.ts',
  'test/deploy/image.test.ts',
  'test/release/packages.test.ts',
  'test/browser/tabs.test.ts',
  'test/browser/reach.test.ts',
  'test/browser/examples.test.ts',
  'test/browser/cookie.test.ts',
  'test/django/cut-over.test.ts',
  'test/django/guide.test.ts',
  'test/interop/javascript.test.ts',
  'test/interop/refreshing-clients.test.ts',
  'test/interop/languages.test.ts',
  'packages/server/test/backup/restore.test.ts',
  'packages/server/test/starting.test.ts',
  'packages/server/test/backup/backup.test.ts',
  'packages/server/test/security/stopping.test.ts',
  'packages/server/test/metrics.test.ts',
];
/** Files that share processes; others change globals of their process, or cost little. */
const SHARING =
  /^packages\/(?!client\/test\/bare-environment)|^test\/(?:browser|django|interop)\/|^test\/[^/]+$/;
/** Shares of the shared files for each process at a time: more of them end at the same moment. */
const SHARES = 2;
// More than can run, because tests also wait: with one more, a quarter of two processors was idle.
const PROCESSES = Math.min(2 * availableParallelism() + 1, 8);
const WITHOUT_TRACKING = join(import.meta.dirname, 'without-tracking.ts');
const MEMORY = '/dev/shm';
const NEEDED_BYTES = 2 ** 31;
/**
 * Reasons of skips that are accepted in CI: not a missing program, or one from a registry that CI
 * may not reach.
 */
const SKIPPED_IN_CI =
  /^is about \w+ alone$|^(?:composer require|mvn dependency:get|go get|npm install) /;
// These limits only catch hangs.
const TIMEOUT_MS = 600_000;
const IDLE_MS = 60_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    setup: { type: 'string' },
    except: { type: 'string', multiple: true, default: [] },
    memory: { type: 'boolean', default: false },
    bundle: { type: 'boolean', default: false },
    concurrency: { type: 'string', default: `${PROCESSES}` },
    reporter: { type: 'string', default: 'spec' },
    help: { type: 'boolean', default: false },
  },
});

type Setup = { globalSetup(): Promise<void>; globalTeardown(): Promise<void> };

/**
 * Lists of files that share a process. The number of lists does not depend on the number of files;
 * the lists have about the same size in bytes, the best estimate of their duration.
 */
function batchesOf(files: readonly string[]): string[][] {
  const others = files.filter((file) => !LONG.includes(file));
  const sizes = new Map(
    others.filter((file) => SHARING.test(file)).map((file) => [file, statSync(file).size]),
  );
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const share = total / (SHARES * Number(values.concurrency));
  const shared: string[][] = [];
  let sum = 0;
  for (const [file, size] of sizes) {
    const i = Math.floor((sum + size / 2) / share);
    shared[i] = [...(shared[i] ?? []), file];
    sum += size;
  }
  const long = LONG.filter((file) => files.includes(file));
  const lists = shared.filter((batch) => batch !== undefined);
  return [
    ...long.flatMap((file, i) => [[file], ...lists.slice(i, i + 1)]),
    ...lists.slice(long.length),
    ...others.filter((file) => !SHARING.test(file)).map((file) => [file]),
  ];
}

/**
 * A module that imports them all. A process that something keeps alive long after its last test fails:
 * --test-force-exit would end it, and lose results that are still on their way.
 */
async function writeEntry(directory: string, batch: readonly string[], i: number): Promise<string> {
  const entry = join(directory, `${i}.mjs`);
  const files = JSON.stringify(batch.map((file) => pathToFileURL(resolve(file))));
  await writeFile(
    entry,
    `import ${JSON.stringify(pathToFileURL(WITHOUT_TRACKING))};
    import { afterEach, beforeEach } from 'node:test';
    let running = 0;
    let idle;
    beforeEach(() => {
      running++;
      clearTimeout(idle);
    });
    afterEach(() => {
      running--;
      if (running > 0) return;
      idle = setTimeout(() => {
        console.error('Still open after the last test:', process.getActiveResourcesInfo(), ${files});
        process.exit(1);
      }, ${IDLE_MS}).unref();
    });
    for (const file of ${files}) await import(file);`,
  );
  return entry;
}

/** Where temporary files go: thousands of commits of small databases, which nothing needs after a crash. */
async function placeOf(): Promise<string> {
  if (!values.memory || !existsSync(MEMORY)) return tmpdir();
  const { bavail, bsize } = await statfs(MEMORY);
  return bavail * bsize > NEEDED_BYTES ? MEMORY : tmpdir();
}

/**
 * Makes what `support/process.ts` starts. Its packages are found from there, and its compile cache is
 * in the same folder, so both go with the run.
 */
async function bundleTo(folder: string): Promise<void> {
  const { bundleServer } = await import('./bundle.ts');
  await bundleServer(folder);
  process.env['GATEPASS_TEST_BIN'] = join(folder, 'bin/gatepass.js');
}

/** Reasons of skipped tests, with their numbers. */
type Skips = Map<string, number>;

async function runAll(files: readonly string[], directory: string): Promise<Skips | 'failed'> {
  const entries = batchesOf(files).map((batch, i) => writeEntry(directory, batch, i));
  const skips: Skips = new Map();
  let hasFailed = false;
  const events = run({
    files: await Promise.all(entries),
    concurrency: Number(values.concurrency),
    timeout: TIMEOUT_MS,
  });
  events.on('test:fail', () => {
    hasFailed = true;
  });
  events.on('test:pass', ({ skip }) => {
    if (skip === undefined || skip === false) return;
    const reason = String(skip);
    skips.set(reason, (skips.get(reason) ?? 0) + 1);
  });
  const report = values.reporter === 'tap' ? events.compose(tap) : events.compose(spec);
  for await (const text of report) process.stdout.write(text);
  return hasFailed ? 'failed' : skips;
}

function tellSkipped(reason: string, count: number): void {
  console.error(`skipped: ${count} (${reason})`);
  if (process.env['CI'] !== 'true' || SKIPPED_IN_CI.test(reason)) return;
  console.error('With CI=true nothing is skipped that can be installed. See .ci/run.');
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const files = globSync(positionals, { exclude: values.except }).toSorted();
  for (const file of LONG)
    if (!existsSync(file)) throw new Error(`LONG names ${file}, which is gone`);
  process.env['NODE_COMPILE_CACHE'] ??= resolve('node_modules/.cache/tests');
  const setup: Setup | undefined = values.setup && (await import(resolve(values.setup)));
  const directory = await mkdtemp(join(await placeOf(), 'gatepass-tests-'));
  // Programs of tests run as other users, too.
  await chmod(directory, 0o711);
  if (values.memory) process.env['TMPDIR'] = directory;
  const bundle = resolve(`node_modules/.cache/bundle-${process.pid}`);
  try {
    if (values.bundle) await bundleTo(bundle);
    await setup?.globalSetup();
    const result = await runAll(files, directory);
    if (result === 'failed') process.exitCode = 1;
    else for (const [reason, count] of result) tellSkipped(reason, count);
  } finally {
    await setup?.globalTeardown();
    for (const each of [bundle, directory])
      await rm(each, { recursive: true, force: true, maxRetries: 5 });
  }
}

if (values.help) console.log(HELP);
else if (positionals.length === 0) {
  console.error(HELP);
  process.exitCode = 2;
} else await main();
