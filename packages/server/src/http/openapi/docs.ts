/** `/api/openapi.json` and `/docs`, an API page that works offline: every file comes from here. */
import type { FastifyInstance } from 'fastify';
import Negotiator from 'negotiator';
import { NOT_FOUND, Refusal } from '../../errors.ts';
import { sendJson } from '../response/respond.ts';
import { createAssets } from './assets.ts';
import { renderPage } from './page.ts';

// The page's own files and nothing else; Swagger UI sets inline styles.
const CSP = [
  "default-src 'self'",
  "img-src 'self' data:",
  "style-src 'self' 'unsafe-inline'",
  "object-src 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  // The form is sent by the script; without it, a password must not end up in an address.
  "form-action 'none'",
].join('; ');

/**
 * Every link is relative: the page need not know under which prefix a proxy shows it.
 *
 * @param describe makes the document when it is first asked for
 */
export function mountDocs(app: FastifyInstance, describe: () => object, scheme = 'Bearer'): void {
  const assets = createAssets();
  let document: string | undefined;
  app.get('/api/openapi.json', (_, reply) => {
    document ??= JSON.stringify(describe());
    sendJson(reply, document);
  });
  app.get('/', ({ url }, reply) => reply.redirect(url.startsWith('//') ? '/docs' : 'docs', 302));
  app.get('/docs', async ({ url }, reply) => {
    reply.headers({ 'content-type': 'text/html; charset=utf-8', 'content-security-policy': CSP });
    const isFolder = url.split('?')[0]?.endsWith('/');
    const versions = await assets.versions();
    const files = isFolder ? '' : 'docs/';
    const link = (name: string) => `${files}static/${name}?v=${versions.get(name)}`;
    return renderPage(link, isFolder ? '../' : '', scheme);
  });
  app.get<{ Params: { name: string } }>('/docs/static/:name', async (request, reply) => {
    const asset = await assets.get(request.params.name);
    if (!asset) throw new Refusal(NOT_FOUND);
    reply.headers({
      'content-type': asset.type,
      'content-security-policy': CSP,
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'Accept-Encoding',
    });
    const encodings = request.headers['accept-encoding'];
    if (new Negotiator({ headers: { 'accept-encoding': encodings } }).encoding(['gzip']) !== 'gzip')
      return asset.plain;
    reply.header('content-encoding', 'gzip');
    return asset.gzipped;
  });
}
