/** The OpenAPI document, and an API page that works offline: every file comes from here. */
import { NOT_FOUND, Refusal } from '../../errors.ts';
import type { Handler } from '../plain.ts';
import { createAssets, prepareAsset } from '../response/assets.ts';
import { sendJson } from '../response/respond.ts';
import { SOURCES } from './assets.ts';
import { renderPage } from './page.ts';

// The page's own files and nothing else; Swagger UI sets inline styles.
const CSP = [
  "default-src 'self'",
  "img-src 'self' data:",
  "style-src 'self' 'unsafe-inline'",
  "object-src 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  // The script sends the form; without the script, a password must not end up in a URL.
  "form-action 'none'",
].join('; ');

/** Links are relative, so the page need not know the prefix under which a proxy shows it. */
export function createDocs(scheme = 'Bearer') {
  const assets = createAssets(SOURCES);
  const home: Handler = ({ url }, reply) =>
    reply.redirect(url.startsWith('//') ? '/docs' : 'docs', 302);

  const page: Handler = async ({ url }, reply) => {
    const isFolder = url.split('?')[0]?.endsWith('/');
    const versions = await assets.versions();
    const files = isFolder ? '' : 'docs/';
    const link = (name: string) => `${files}static/${name}?v=${versions.get(name)}`;
    reply
      .headers({ 'content-type': 'text/html; charset=utf-8', 'content-security-policy': CSP })
      .send(await renderPage(link, isFolder ? '../' : '', scheme));
  };

  const file: Handler = async (request, reply) => {
    const { name = '' } = request.params as { readonly name?: string };
    const asset = await assets.get(name);
    if (!asset) throw new Refusal(NOT_FOUND);
    reply.header('content-security-policy', CSP).send(prepareAsset(request, reply, asset));
  };
  return { home, page, file };
}

/** @param describe makes the OpenAPI document on the first request */
export function showDocument(describe: () => object): Handler {
  let document: string | undefined;
  return (_, reply) => {
    document ??= JSON.stringify(describe());
    sendJson(reply, document);
  };
}
