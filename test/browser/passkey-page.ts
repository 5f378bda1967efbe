/** Pages of several origins of localhost, with the SDK as it is in the repository, and a virtual authenticator. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import type { Client } from '../../packages/client/src/index.ts';
import type * as mfa from '../../packages/client/src/mfa.ts';
import type * as passkeys from '../../packages/client/src/passkeys.ts';

const SDK = join(import.meta.dirname, '../../packages/client/src');

const PAGE = `<!doctype html><title>passkeys</title><script type="module">
import { createClient } from '/sdk/index.ts';
import * as mfa from '/sdk/mfa.ts';
import * as passkeys from '/sdk/passkeys.ts';
const { searchParams } = new URL(location.href);
const client = createClient({ url: searchParams.get('url'), storage: searchParams.get('storage') });
Object.assign(globalThis, { client, mfa, passkeys });
</script>`;

/** What a page has. */
export type Page = {
  readonly client: Client;
  readonly mfa: typeof mfa;
  readonly passkeys: typeof passkeys;
};

/** @returns an origin of localhost that serves the page until the stack is disposed */
export async function startPages(stack: AsyncDisposableStack): Promise<string> {
  const server = createServer((incoming, response) => {
    const [, module] = /^\/sdk\/([a-z-]+\.ts)$/.exec(incoming.url ?? '') ?? [];
    response.setHeader('content-type', module ? 'text/javascript' : 'text/html');
    response.end(module ? stripTypeScriptTypes(readFileSync(join(SDK, module), 'utf8')) : PAGE);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stack.defer(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  return `http://localhost:${typeof address === 'object' ? address?.port : ''}`;
}

/** A tab with a phone or computer of its own, which its user unlocks. */
export async function openPage(browser: BrowserContext, origin: string, query: object) {
  const page = await browser.newPage();
  const cdp = await browser.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await page.goto(`${origin}/?${new URLSearchParams({ ...query })}`);
  await page.waitForFunction(() => 'passkeys' in globalThis);
  const credentials = async () =>
    (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials;
  type Credential = Awaited<ReturnType<typeof credentials>>[number];
  return {
    page,
    credentials,
    /** Whether its user is recognised from now on. */
    verify: (isUserVerified: boolean) =>
      cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
    add: (credential: Credential) =>
      cdp.send('WebAuthn.addCredential', { authenticatorId, credential }),
  };
}
