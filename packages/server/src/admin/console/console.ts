/** `/` of the admin listener: the page of the console, whose every file comes from here. */
import { createHash } from 'node:crypto';
import { NOT_FOUND, Refusal } from '../../errors.ts';
import type { Handler } from '../../http/plain.ts';
import { languageOf } from '../../http/request/language.ts';
import { createAssets, prepareAsset } from '../../http/response/assets.ts';
import { readSources } from './files.ts';
import { renderPage } from './page.ts';

const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  // Scripts send the forms; without them, a password must not end up in an address.
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  // No text becomes markup or script: there is no policy that would allow it.
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': CSP,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
};

/** The common version of all files, then the file's name. */
const VERSIONED = /^([\w-]+)\/([\w./-]+)$/;

/** Links are relative, so the page need not know the prefix under which a proxy shows it. */
export function createConsole() {
  const load = async () => {
    const assets = createAssets(await readSources());
    const versions = await assets.versions();
    const all = [...versions.values()].join();
    const version = createHash('sha256').update(all).digest('base64url').slice(0, 16);
    return { assets, names: [...versions.keys()], version };
  };
  let loading: ReturnType<typeof load> | undefined;
  const files = () => {
    loading ??= load();
    return loading;
  };

  const page: Handler = async ({ headers }, reply) => {
    const { names, version } = await files();
    reply
      .headers({ ...HEADERS, vary: 'Accept-Language', 'content-type': 'text/html; charset=utf-8' })
      .send(renderPage(languageOf(headers['accept-language']), `console/${version}`, names));
  };

  const file: Handler = async (request, reply) => {
    const { '*': path = '' } = request.params as { readonly '*'?: string };
    const { assets, version } = await files();
    const [, given, name = ''] = VERSIONED.exec(path) ?? [];
    const asset = given === version ? await assets.get(name) : undefined;
    if (!asset) throw new Refusal(NOT_FOUND);
    reply.headers(HEADERS).send(prepareAsset(request, reply, asset));
  };
  return { page, file };
}
