/** One origin for the browser: the page, the client of this repository, and the API behind a lossy line. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { build } from 'esbuild';

/** In one file: a module each is two thousand requests of twenty tabs that reload four times. */
const SDK = await build({
  entryPoints: [join(import.meta.dirname, '../../packages/client/src/index.ts')],
  ...{ bundle: true, format: 'esm', write: false, legalComments: 'none' },
});
const REFRESH = /^\/api\/(token|session)\/refresh$/;

/** The script of every tab: `work` reads the account several times a second and counts the results. */
const PAGE = `<!doctype html><title>tab</title><script type="module">
import { createClient } from '/sdk.js';
const client = createClient({ url: '/', storage: new URLSearchParams(location.search).get('storage') });
const figures = { answered: 0, failed: [], logouts: 0 };
client.onChange((isLoggedIn) => { figures.logouts += isLoggedIn ? 0 : 1; });
globalThis.client = client;
globalThis.work = async (milliseconds) => {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    const outcome = await client.fetch('/api/users/me').then(
      ({ status }) => status,
      (error) => String(error),
    );
    if (outcome === 200) figures.answered++;
    else figures.failed.push(outcome);
    await new Promise((resolve) => setTimeout(resolve, 100 + 200 * Math.random()));
  }
  return { ...figures, isLoggedIn: client.isLoggedIn };
};
</script>`;

/** A repeatable series of numbers in [0, 1): mulberry32. */
function createRandom(seed: number) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type Line = {
  /** The share of responses to a refresh that are lost, 0 to 1, and the seed that picks them. */
  readonly loss: number;
  readonly seed: number;
};

/** Listens on a free port of the loopback until `close`. */
export async function startOrigin({ loss, seed }: Line) {
  const random = createRandom(seed);
  const figures = { requests: 0, refreshes: 0, dropped: 0 };
  let service = '';

  /** Drops a response of the service: the client gets nothing, or half. */
  function drop(response: ServerResponse, body: Buffer): void {
    figures.dropped++;
    if (figures.dropped % 2 === 0) {
      response.destroy();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
    response.write(body.subarray(0, 20), () => response.destroy());
  }

  function forward(incoming: IncomingMessage, response: ServerResponse): void {
    figures.requests++;
    const isRefresh = REFRESH.test(incoming.url ?? '');
    if (isRefresh) figures.refreshes++;
    const isLost = isRefresh && random() < loss;
    const { method = 'GET', headers } = incoming;
    const upstream = request(service + incoming.url, { method, headers }, async (answer) => {
      const body = Buffer.concat(await answer.toArray());
      if (isLost) drop(response, body);
      else response.writeHead(answer.statusCode ?? 502, answer.headers).end(body);
    });
    upstream.on('error', () => response.destroy());
    incoming.pipe(upstream);
  }

  const server = createServer((incoming, response) => {
    const { pathname } = new URL(incoming.url ?? '/', 'http://origin');
    if (pathname.startsWith('/api/')) return forward(incoming, response);
    const isModule = pathname === '/sdk.js';
    response.setHeader('content-type', isModule ? 'text/javascript' : 'text/html');
    response.end(isModule ? SDK.outputFiles[0]?.contents : PAGE);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    figures,
    /** @param url the service's address, which needs to know that of the origin */
    connect(url: string): void {
      service = url;
    },
    close(): void {
      server.close();
      server.closeAllConnections();
    },
  };
}
