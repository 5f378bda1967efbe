/** One origin for the pages and Gatepass: in production, your reverse proxy sends /api/ there. */

import { createReadStream, statSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { join, normalize } from 'node:path';
import { createRequestListener } from '@react-router/node';

const { PORT = '5173', GATEPASS_URL = 'http://127.0.0.1:8000' } = process.env;
process.env.GATEPASS_PUBLIC_URL ??= `http://localhost:${PORT}`;
const build = await import('./build/server/index.js');
const render = createRequestListener({ build });
const ASSETS = join(import.meta.dirname, 'build/client');

createServer((incoming, response) => {
  const url = URL.parse(incoming.url ?? '/', 'http://localhost');
  if (!url) return response.writeHead(400).end();
  trustOnlyTheSocket(incoming);
  if (url.pathname.startsWith('/api/')) return forward(incoming, response, url);
  const file = join(ASSETS, normalize(url.pathname));
  if (url.pathname.startsWith('/assets/') && isFile(file)) {
    response.setHeader('content-type', file.endsWith('.js') ? 'text/javascript' : 'text/css');
    return createReadStream(file)
      .on('error', () => response.destroy())
      .pipe(response);
  }
  return render(incoming, response);
}).listen(Number(PORT), 'localhost', () => console.log(`http://localhost:${PORT}`));

const isFile = (path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/** If a visitor could choose this address, the limits would count for someone else. */
function trustOnlyTheSocket(incoming) {
  const address = incoming.socket.remoteAddress ?? '';
  incoming.headers['x-forwarded-for'] = address;
  const { rawHeaders } = incoming;
  for (let at = rawHeaders.length - 2; at >= 0; at -= 2)
    if (rawHeaders[at].toLowerCase() === 'x-forwarded-for') rawHeaders.splice(at, 2);
  rawHeaders.push('X-Forwarded-For', address);
}

function forward(incoming, response, { pathname, search }) {
  const { method, headers } = incoming;
  const upstream = request(GATEPASS_URL + pathname + search, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.on('error', () => response.destroy()).pipe(response);
  });
  upstream.on('error', () =>
    response.headersSent ? response.destroy() : response.writeHead(502).end(),
  );
  response.on('close', () => upstream.destroy());
  incoming.pipe(upstream);
}
