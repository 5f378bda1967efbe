/** A real browser with several tabs of one origin, and a real service, until the stack is disposed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import type { Client } from '../../packages/client/src/index.ts';
import { startProcess } from '../../packages/server/test/support/process.ts';
import { startOrigin } from './origin.ts';

export const CHROMIUM = '/usr/bin/chromium';
export const ACCOUNT = { email: 'alice@example.com', password: 'correct horse 9 battery' };
/** Short, so that many tokens expire in little time. */
export const ACCESS_SECONDS = 2;

export type Options = {
  readonly tabs: number;
  readonly storage: 'local' | 'session' | 'memory' | 'cookie';
  /** The share of responses to a refresh that are lost, 0 to 1, and the seed that picks them. */
  readonly loss: number;
  readonly seed: number;
};

export type TabFigures = {
  readonly answered: number;
  readonly failed: readonly (number | string)[];
  readonly logouts: number;
  readonly isLoggedIn: boolean;
};

/** What a page has: see origin.ts. */
export type Tab = {
  readonly client: Client;
  work(milliseconds: number): Promise<TabFigures>;
};

/** @returns the tabs, and what the line between them and the service counts */
export async function openTabs(
  stack: AsyncDisposableStack,
  browser: BrowserContext,
  { tabs, storage, loss, seed }: Options,
) {
  const directory = await mkdtemp(join(tmpdir(), 'gatepass-tabs-'));
  stack.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  const origin = await startOrigin({ loss, seed });
  stack.defer(origin.close);
  origin.connect(await startGatepass(stack, directory, origin.url));
  const open = async () => {
    const page = await browser.newPage();
    await page.goto(`${origin.url}/?storage=${storage}`);
    await page.waitForFunction(() => 'work' in globalThis);
    return page;
  };
  const pages = await Promise.all(Array.from({ length: tabs }, open));
  return { pages, figures: origin.figures };
}

async function startGatepass(
  stack: AsyncDisposableStack,
  directory: string,
  publicUrl: string,
): Promise<string> {
  const owner = { after: (end: () => unknown) => stack.defer(async () => void (await end())) };
  const { url } = await startProcess(owner, directory, {
    GATEPASS_PUBLIC_URL: publicUrl,
    GATEPASS_ACCESS_TOKEN_LIFETIME: `${ACCESS_SECONDS}s`,
    GATEPASS_ROTATE_REFRESH_TOKENS: 'true',
  });
  return url;
}

export async function startChromium(
  stack: AsyncDisposableStack,
  profile: string,
  more: readonly string[] = [],
) {
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
      ...more,
    ],
  });
  stack.defer(() => context.close());
  return context;
}
