/**
 * Many tabs of one real browser share one login while answers to its refreshes are lost.
 *
 *     node test/browser/tabs.ts --seconds 60 --tabs 5 --storage local
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BrowserContext } from 'playwright-core';
import {
  ACCESS_SECONDS,
  ACCOUNT,
  CHROMIUM,
  type Options,
  openTabs,
  startChromium,
  type Tab,
  type TabFigures,
} from './browser.ts';

/** @returns what the tabs and the line between them and the service counted */
export async function measure(
  browser: BrowserContext,
  { seconds, ...options }: Options & { readonly seconds: number },
) {
  await using stack = new AsyncDisposableStack();
  const { pages, figures: line } = await openTabs(stack, browser, options);

  await pages[0]?.evaluate(async ({ email, password }) => {
    const { client } = globalThis as unknown as Tab;
    await client.register(email, password);
    await client.login(email, password);
  }, ACCOUNT);
  const isLoggedIn = () => (globalThis as unknown as Tab).client.isLoggedIn;
  await Promise.all(
    pages.map((page) => page.waitForFunction(isLoggedIn, undefined, { polling: 10 })),
  );

  const work = (milliseconds: number) => (globalThis as unknown as Tab).work(milliseconds);
  const figures = await Promise.all(pages.map((page) => page.evaluate(work, seconds * 1000)));
  const sum = (count: (tab: TabFigures) => number) =>
    figures.reduce((total, tab) => total + count(tab), 0);
  return {
    ...options,
    seconds,
    answered: sum(({ answered }) => answered),
    failed: figures.flatMap(({ failed }) => failed),
    logouts: sum(({ logouts, isLoggedIn }) => logouts + (isLoggedIn ? 0 : 1)),
    refreshes: line.refreshes,
    dropped: line.dropped,
    lifetimes: seconds / ACCESS_SECONDS,
  };
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
  await using stack = new AsyncDisposableStack();
  const profile = await mkdtemp(join(tmpdir(), 'gatepass-tabs-'));
  stack.defer(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }));
  const figures = await measure(await startChromium(stack, profile), {
    seconds: Number(values.seconds),
    tabs: Number(values.tabs),
    storage: values.storage as Options['storage'],
    loss: 0.1,
    seed: Number(values.seed),
  });
  console.log(figures);
  process.exitCode = figures.logouts === 0 && figures.failed.length === 0 ? 0 : 1;
}
