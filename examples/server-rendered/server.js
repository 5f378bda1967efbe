/** One origin for the pages and Gatepass: in production, your reverse proxy sends /api/ there. */

import { createReadStream, existsSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { join, normalize } from 'node:path';
import { createRequestListener } from '@react-router/node';

const { PORT = '5173', GATEPASS_URL = 'http://127.0.0.1:8000' } = process.env;
process.env.GATEPASS_PUBLIC_URL ??= `http://localhost:${PORT}`;
const build = await import('./build/server/index.js');
const render = createRequestListener({ build });
const ASSETS = join(import.meta.dirname, 'build/client');

createServer((incoming, response) => {
  const { pathname } = new URL(incoming.url ?? '/', 'http://localhost');
  if (pathname.startsWith('/api/')) return forward(incoming, response);
  const file = join(ASSETS, normalize(pathname));
  if (pathname.startsWith('/assets/') && existsSync(file)) {
    response.setHeader('content-type', file.endsWith('.js') ? 'text/javascript' : 'text/css');
    return createReadStream(file).pipe(response);
  }
  return render(incoming, response);
}).listen(Number(PORT), 'localhost', () => console.log(`http://localhost:${PORT}`));

function forward(incoming, response) {
  const { method, headers } = incoming;
  const upstream = request(GATEPASS_URL + incoming.url, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  upstream.on('error', () => response.writeHead(502).end());
  incoming.pipe(upstream);
}
