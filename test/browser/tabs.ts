/**
 * Many tabs of one real browser share one login while answers to its refreshes are lost.
 *
 *     node test/browser/tabs.ts --seconds 60 --tabs 5 --storage local
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { chromium, type Page } from 'playwright-core';
import { startOrigin } from './origin.ts';

export const CHROMIUM = '/usr/bin/chromium';
const BIN = join(import.meta.dirname, '../../packages/server/bin/gatepass.js');
/** Short, so that many lives of a token pass in little time. */
const ACCESS_SECONDS = 2;
const ACCOUNT = { email: 'alice@example.com', password: 'correct horse 9 battery' };

export type Options = {
  readonly seconds: number;
  readonly tabs: number;
  readonly storage: 'local' | 'session' | 'memory';
  readonly seed: number;
};

type TabFigures = {
  readonly answered: number;
  readonly failed: readonly (number | string)[];
  readonly logouts: number;
  readonly isLoggedIn: boolean;
};

/** @returns what the tabs and the line between them and the service counted */
export async function measure({ seconds, tabs, storage, seed }: Options) {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'gatepass-tabs-'));
  stack.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  const service = await startGatepass(stack, directory);
  const origin = await startOrigin({ service, loss: 0.1, seed });
  stack.defer(origin.close);
  const browser = await startChromium(stack, join(directory, 'profile'));
  const pages = await Promise.all(
    Array.from({ length: tabs }, () => openTab(browser, `${origin.url}/?storage=${storage}`)),
  );

  await pages[0]?.evaluate(async ({ email, password }) => {
    const { client } = globalThis as unknown as Tab;
    await client.register(email, password);
    await client.login(email, password);
  }, ACCOUNT);
  const isEverywhere = () => (globalThis as unknown as Tab).client.isLoggedIn;
  await Promise.all(pages.map((page) => page.waitForFunction(isEverywhere)));

  const work = (milliseconds: number) => (globalThis as unknown as Tab).work(milliseconds);
  const figures = await Promise.all(pages.map((page) => page.evaluate(work, seconds * 1000)));
  const sum = (count: (tab: TabFigures) => number) =>
    figures.reduce((total, tab) => total + count(tab), 0);
  const { refreshes, dropped } = origin.figures;
  return {
    storage,
    tabs,
    seconds,
    answered: sum(({ answered }) => answered),
    failed: figures.flatMap(({ failed }) => failed),
    logouts: sum(({ logouts, isLoggedIn }) => logouts + (isLoggedIn ? 0 : 1)),
    refreshes,
    dropped,
    lifetimes: seconds / ACCESS_SECONDS,
  };
}

/** What the page has: see origin.ts. */
type Tab = {
  client: import('../../packages/client/src/index.ts').Client;
  work(milliseconds: number): Promise<TabFigures>;
};

async function startGatepass(stack: AsyncDisposableStack, directory: string): Promise<string> {
  const child = spawn(process.execPath, [BIN, 'serve'], {
    cwd: directory,
    env: {
      ...process.env,
      GATEPASS_PORT: '0',
      GATEPASS_LOG_FORMAT: 'json',
      GATEPASS_ACCESS_TOKEN_LIFETIME: `${ACCESS_SECONDS}s`,
      GATEPASS_ROTATE_REFRESH_TOKENS: 'true',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  stack.defer(async () => {
    if (child.exitCode !== null) return;
    child.kill();
    await once(child, 'exit');
  });
  const lines = createInterface({ input: child.stdout });
  const [first] = await once(lines, 'line');
  lines.on('line', () => {});
  return (JSON.parse(first) as { url: string }).url;
}

async function startChromium(stack: AsyncDisposableStack, profile: string) {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  stack.defer(() => context.close());
  return context;
}

async function openTab(
  browser: Awaited<ReturnType<typeof startChromium>>,
  url: string,
): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(url);
  await page.waitForFunction(() => 'work' in globalThis);
  return page;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      tabs: { type: 'string', default: '5' },
      storage: { type: 'string', default: 'local' },
      seed: { type: 'string', default: '1' },
    },
  });
  if (!existsSync(CHROMIUM)) throw new Error(`${CHROMIUM} is missing: apt-get install chromium`);
  const figures = await measure({
    seconds: Number(values.seconds),
    tabs: Number(values.tabs),
    storage: values.storage as Options['storage'],
    seed: Number(values.seed),
  });
  console.log(figures);
  process.exitCode = figures.logouts === 0 && figures.failed.length === 0 ? 0 : 1;
}
