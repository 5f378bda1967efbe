/** Sites with names and TLS of their own, for one browser: pages of any host, and the service on one. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';

/** A form that submits itself as soon as it is there. */
const formPage = (action: string, enctype: string) => `<!doctype html><title>form</title>
<form method="post" action="${action}" enctype="${enctype}">
<input name="email" value="alice@example.com"><input name="password" value="wrong otter 41">
</form><script>document.forms[0].submit()</script>`;

/** Flags with which Chromium resolves every name to this machine and accepts the test's certificate. */
export const NAMES = ['--host-resolver-rules=MAP * 127.0.0.1', '--ignore-certificate-errors'];

/** @param directory for the key and the certificate */
export async function startSites(stack: AsyncDisposableStack, directory: string) {
  const [key, cert] = [join(directory, 'tls.key'), join(directory, 'tls.crt')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const files = ['-keyout', key, '-out', cert];
  execFileSync('openssl', ['req', '-x509', ...curve, '-subj', '/CN=test', ...files], {
    stdio: 'ignore',
  });
  let upstream = { host: '', origin: '' };

  function forward(incoming: IncomingMessage, response: ServerResponse): void {
    const { method = 'GET', url = '/', headers } = incoming;
    const outgoing = request(upstream.origin + url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    incoming.pipe(outgoing);
  }

  const tls = { key: readFileSync(key), cert: readFileSync(cert) };
  const server = createServer(tls, (incoming, response) => {
    const { url: path = '/', headers } = incoming;
    const host = headers.host?.split(':')[0] ?? '';
    if (host === upstream.host && path.startsWith('/api/')) return forward(incoming, response);
    const { searchParams } = new URL(path, 'http://page');
    const [action, enctype] = [searchParams.get('action'), searchParams.get('enctype')];
    response.setHeader('content-type', 'text/html');
    response.end(action && enctype ? formPage(action, enctype) : '<!doctype html><title>x</title>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  stack.defer(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return {
    at: (host: string) => `https://${host}:${port}`,
    /** Where `/api/` of a host leads. */
    serve(host: string, origin: string): void {
      upstream = { host, origin };
    },
  };
}
