/** What all pages under `/account/` share on the wire: their headers, their style sheet and their scripts. */
import type { FastifyReply } from 'fastify';
import type { Handler } from '../http/plain.ts';
import { ACCOUNT_SCRIPT, LINK_SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

const CSP = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE_HEADERS = {
  'content-security-policy': CSP,
  // Also keeps `Origin` from the requests of forms (WHATWG Fetch §3.2).
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

const file = (type: string, text: string): { readonly GET: Handler } => ({
  GET: (_, reply) => reply.headers(PAGE_HEADERS).type(type).send(text),
});

/** What `plain` mounts at the URLs of the files that pages load. */
export const pageFiles = {
  style: file('text/css; charset=utf-8', STYLE),
  linkScript: file('text/javascript; charset=utf-8', LINK_SCRIPT),
  accountScript: file('text/javascript; charset=utf-8', ACCOUNT_SCRIPT),
};

/** Whether a URL ends with a slash: the links of a page are relative to its folder. */
export const isFolder = (url: string): boolean => url.split('?')[0]?.endsWith('/') ?? false;

export const sendPage = (
  reply: FastifyReply,
  status: number,
  page: string,
  headers: Readonly<Record<string, string>> = {},
): FastifyReply =>
  reply
    .code(status)
    .headers({ ...PAGE_HEADERS, ...headers })
    .header('vary', 'Accept-Language')
    .type('text/html; charset=utf-8')
    .send(page);
