/** Chromium, one for all tests of a process: a start costs as much as three contexts. */
import { existsSync } from 'node:fs';
import { after } from 'node:test';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
} from 'playwright-core';
import { CHROMIUM } from './browser.ts';

/** The value of a test's `skip`. */
export const noChromium = existsSync(CHROMIUM)
  ? false
  : `${CHROMIUM} is missing: apt-get install chromium`;

let launched: Promise<Browser> | undefined;
after(async () => (await launched)?.close());

/** With cookies and storage of its own. The test that opens it closes it. */
export async function openContext(options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-quic'];
  launched ??= chromium.launch({ executablePath: CHROMIUM, args });
  return (await launched).newContext(options);
}
