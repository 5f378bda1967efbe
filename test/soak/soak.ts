/** A mixed load for as long as one likes, with floods and faults in it, and what came of it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../../packages/server/src/database/open.ts';
import { createRandom } from '../../packages/server/test/sessions/support/faulty.ts';
import { scrape } from '../../packages/server/test/support/metrics.ts';
import { createCaller } from './caller.ts';
import { flood, killWorker, lockDatabase, sendJunk, sendRawJunk, stopWorker } from './harm.ts';
import { live, type World } from './person.ts';
import { type Soaked, startServer } from './server.ts';
import { type Sample, totalOf, trend } from './trend.ts';
import { createWeather } from './weather.ts';

export type Options = {
  readonly seconds: number;
  readonly seed: number;
  readonly people: number;
  /** Milliseconds between two requests of one person, about. */
  readonly pause: number;
  /** Seconds between two faults. */
  readonly faultEvery: number;
  /** Ends it earlier, once everything has happened, in whatever time; without it, `seconds` decide. */
  readonly isEnough?: (seen: Seen) => boolean;
  /** With a planted bug: must come out with unexpected answers. */
  readonly isPlanted?: boolean;
  readonly onProgress?: (line: string) => void;
  readonly onUnexpected?: (line: string) => void;
};

export type Seen = {
  readonly unexpected: readonly string[];
  readonly figures: ReadonlyMap<string, unknown>;
  readonly spells: Readonly<Record<string, number>>;
};
export type Report = Awaited<ReturnType<typeof soak>>;

const MAX_FLOOD_MS = 4000;
const MAX_PERIOD_MS = 5000;
// Workers are killed only before.
const YOUNG = 0.2;

export async function soak(options: Options) {
  const directory = await mkdtemp(join(tmpdir(), 'gatepass-soak-'));
  const server = await startServer(directory, options.isPlanted ?? false);
  try {
    return await run(options, server, join(directory, 'gatepass.db'));
  } finally {
    server.kill();
    await rm(directory, { recursive: true, force: true });
  }
}

async function run(options: Options, server: Soaked, path: string) {
  const { seconds, seed, people, pause, faultEvery, onProgress = () => {} } = options;
  const { onUnexpected = () => {}, isEnough } = options;
  const begin = performance.now();
  const age = () => (performance.now() - begin) / 1000;
  const weather = createWeather();
  const caller = createCaller(server.url, weather, onUnexpected);
  const seen = () => ({
    unexpected: caller.unexpected,
    figures: caller.figures(),
    spells: weather.counts(),
  });
  const isOver = () => age() > seconds || (isEnough?.(seen()) ?? false);
  const random = createRandom(seed);
  const world: World = { caller, weather, random, isOver, pause };
  const samples: Sample[] = [];

  async function watch(): Promise<void> {
    // Twice between two faults.
    for (const every = Math.min(MAX_PERIOD_MS, faultEvery * 500); !isOver(); await sleep(every))
      samples.push({ at: age(), usages: server.usage() });
  }

  async function report(): Promise<void> {
    for (; !isOver(); await sleep(1000)) {
      const answers = [...caller.figures().values()];
      const count = answers.reduce((sum, { calm, rough }) => sum + calm.length + rough.length, 0);
      const megabytes = Math.round(totalOf(samples.at(-1), 'rss') / 1e6);
      onProgress(
        `${Math.floor(age())} of ${seconds} s, ${count} answers, ${caller.unexpected.length} unexpected, ${megabytes} MB`,
      );
    }
  }

  async function faults(): Promise<void> {
    for (let round = 0; !isOver(); round++) {
      await sleep(faultEvery * 1000 * (0.75 + random() / 2));
      if (isOver() || age() > seconds - 5) return;
      const isYoung = isEnough ? round === 0 : age() < seconds * YOUNG;
      const faultsNow = [
        () => (isYoung ? killWorker(world, server) : stopWorker(world, server)),
        () => flood(world, Math.min(MAX_FLOOD_MS, faultEvery * 1200)),
        () => lockDatabase(world, path),
      ];
      await faultsNow[round % faultsNow.length]?.();
    }
  }

  await Promise.all([
    ...Array.from({ length: people }, async (_, i) => {
      // All at once would be a flood of registrations.
      await sleep(i * pause * 0.3);
      await live(world, `person${i}`);
    }),
    sendJunk(world),
    sendRawJunk(world, server),
    watch(),
    report(),
    faults(),
  ]);

  const metrics = server.metrics === undefined ? undefined : await scrape(server.metrics);
  const code = await server.stop();
  if (code !== 0 && !options.isPlanted) caller.complain(`the server exited with ${code}`);
  for (const line of server.errors)
    if (!/"a worker died"/.test(line)) caller.complain(`in the log: ${line}`);
  const database = openDatabase(`sqlite:${path}`);
  for (const damage of await database.check()) caller.complain(`the database: ${damage}`);
  await database.close();
  return {
    seconds: Math.round(age()),
    unexpected: caller.unexpected,
    broken: caller.broken(),
    spells: weather.counts(),
    figures: caller.figures(),
    rss: trend(samples, 'rss'),
    descriptors: trend(samples, 'descriptors'),
    databaseFaults: metrics?.value('gatepass_database_faults_total') ?? 0,
  };
}
