/** `/api/openapi.json` and `/docs`, an API page that works offline: every file comes from here. */
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import Negotiator from 'negotiator';
import { NOT_FOUND, Refusal } from '../../errors.ts';
import { sendJson } from '../response/respond.ts';
import { createAssets } from './assets.ts';
import { renderPage } from './page.ts';

const DESCRIPTION = `Users and JWT sessions: an e-mail and a password become an access token
and a refresh token. The wire format is Django SimpleJWT's.`;

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

// Relative to the document, so that it is right behind a proxy that strips a prefix too.
const SERVERS = [{ url: '..' }];

/** Collects the routes mounted after it; must be registered first. */
export async function collectOpenApi(
  app: FastifyInstance,
  version: string,
  scheme = 'Bearer',
): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Gatepass', version, description: DESCRIPTION },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: scheme.toLowerCase(), bearerFormat: 'JWT' },
        },
      },
    },
  });
}

/** Every link is relative: the page need not know under which prefix a proxy shows it. */
export function mountDocs(app: FastifyInstance, scheme = 'Bearer'): void {
  const hidden = { schema: { hide: true } };
  const assets = createAssets();
  let document: string | undefined;
  app.get('/api/openapi.json', hidden, (_, reply) => {
    document ??= JSON.stringify({ ...app.swagger(), servers: SERVERS });
    sendJson(reply, document);
  });
  app.get('/', hidden, ({ url }, reply) =>
    reply.redirect(url.startsWith('//') ? '/docs' : 'docs', 302),
  );
  app.get('/docs', hidden, async ({ url }, reply) => {
    reply.headers({ 'content-type': 'text/html; charset=utf-8', 'content-security-policy': CSP });
    const isFolder = url.split('?')[0]?.endsWith('/');
    const versions = await assets.versions();
    const files = isFolder ? '' : 'docs/';
    const link = (name: string) => `${files}static/${name}?v=${versions.get(name)}`;
    return renderPage(link, isFolder ? '../' : '', scheme);
  });
  app.get<{ Params: { name: string } }>('/docs/static/:name', hidden, async (request, reply) => {
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
