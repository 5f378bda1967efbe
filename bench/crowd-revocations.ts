/** The cost of a feed with far too many revocations, for the server and a verifier (AB03). */
import { setTimeout as sleep } from 'node:timers/promises';
import { createVerifier } from '../packages/verifier/src/index.ts';
import type { Crowd } from './crowd-database.ts';
import type { ServerProcess } from './server-process.ts';

type Setting = {
  readonly server: ServerProcess;
  readonly crowd: Crowd;
  readonly secret: string;
  readonly count: number;
  readonly say: (line: string) => void;
};
type Other = {
  readonly pair: { readonly access: string; readonly refresh: string };
  measure(what: string, work: () => Promise<unknown>, more: () => string): Promise<void>;
};

/** Longer than the window of a limit, and long enough for garbage collection. */
const QUIET_MS = 65_000;
const VERIFIES = 45;

async function newest({ url }: ServerProcess): Promise<number> {
  const response = await fetch(`${url}/api/revocations?after=${Number.MAX_SAFE_INTEGER}`);
  if (response.status !== 200) throw new Error(`the feed answers ${response.status}`);
  return Number(JSON.parse(await response.text()).next);
}

export async function measureRevocations(setting: Setting, other: Other): Promise<void> {
  const { server, crowd, count, say } = setting;
  await sleep(QUIET_MS);
  const before = server.residentMiB();
  const had = await newest(server);
  await other.measure(
    `${count} revocations arrive`,
    async () => {
      await crowd.addRevocations(count);
      while ((await newest(server)) < had + count) await sleep(1000);
    },
    () => `server VmRSS ${before.toFixed(0)} → ${server.residentMiB().toFixed(0)} MiB`,
  );
  await sleep(QUIET_MS);
  say(`\nServer VmRSS a minute later: ${server.residentMiB().toFixed(0)} MiB`);
  await measureVerifier(setting, other);
}

async function measureVerifier({ server, secret, say }: Setting, { pair }: Other): Promise<void> {
  const own = process.memoryUsage().rss;
  const since = performance.now();
  const verifier = createVerifier({ secret, revocationsUrl: `${server.url}/api/revocations` });
  try {
    await verifier.ready();
    const took = (performance.now() - since) / 1000;
    const refreshed = await fetch(`${server.url}/api/token/refresh`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refresh: pair.refresh }),
    });
    const { access } = JSON.parse(await refreshed.text());
    for (let i = 0; i < VERIFIES; i++) {
      await verifier.verify(access);
      await sleep(1000);
    }
    const { size, folded, isStale } = verifier.status().revocations ?? {};
    const grown = (process.memoryUsage().rss - own) / 2 ** 20;
    say(
      `A verifier with default options reads them in ${took.toFixed(1)} s, then verifies for ${VERIFIES} s: ` +
        `${size} revocations, ${folded} of them folded, stale: ${isStale}, RSS +${grown.toFixed(0)} MiB`,
    );
  } finally {
    verifier.close();
  }
}
