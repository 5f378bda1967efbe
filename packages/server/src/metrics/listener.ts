import type { AddressInfo } from 'node:net';
import { isLoopback, isOwnName } from '../config/exposure.ts';
import { createServer } from '../http/edge/server.ts';

const TYPE = 'text/plain; version=0.0.4; charset=utf-8';
const DEADLINE_MS = 10_000;

/** The listener, on a port of its own, could not be opened. */
export class MetricsListenError extends Error {
  override name = 'MetricsListenError';
}

/**
 * `GET /metrics` on a separate listener, so that no proxy rule is needed to keep the public out.
 *
 * @param text makes the exposition at every scrape
 * @throws {MetricsListenError} when the address cannot be listened on
 */
export async function listenForScrapes(
  { host, port }: { readonly host: string; readonly port: number },
  text: () => Promise<string>,
) {
  const server = createServer(
    { headersTimeout: DEADLINE_MS, requestTimeout: DEADLINE_MS },
    async (request, response) => {
      if (isLoopback(host) && !isOwnName(request.headers.host)) {
        response.writeHead(421).end();
        return;
      }
      const isScrape = request.method === 'GET' || request.method === 'HEAD';
      if (!isScrape || request.url?.split('?')[0] !== '/metrics') {
        response.writeHead(isScrape ? 404 : 405, { allow: 'GET, HEAD' }).end();
        return;
      }
      try {
        const body = await text();
        response.writeHead(200, { 'content-type': TYPE, 'cache-control': 'no-store' }).end(body);
      } catch {
        response.writeHead(500).end();
      }
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ message }) =>
      reject(
        new MetricsListenError(
          `The metrics listener failed: ${message}. Set GATEPASS_METRICS_PORT to a free port.`,
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/metrics`,
    close(): void {
      server.close();
      server.closeAllConnections();
    },
  };
}
