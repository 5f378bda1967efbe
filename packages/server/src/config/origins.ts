/** Origins of web pages as GATEPASS_CORS_ORIGINS lists them, and what to write instead of a faulty entry. Pure. */

const WEB = ['http:', 'https:'];
/** Schemes of pages that an app or a browser extension brings along. */
const APPS = ['capacitor:', 'ionic:', 'tauri:', 'chrome-extension:', 'moz-extension:'];
const APP_HOST = /^[a-z0-9.-]+(?::\d+)?$/;

/** `*` in place of the first label, and a domain under which no stranger can have a name. */
const WILDCARD = /^(https?:\/\/)\*(\.(?:localhost|[^.*/:]+(?:\.[^.*/:]+)+)(?::\d+)?)$/;

/** Two ends of an origin; what stands between them is one label. */
type Wildcard = { readonly start: string; readonly end: string };

/** @returns the ends around the label that `*` stands for; `undefined` = no wildcard, or a faulty one */
export function wildcardOf(entry: string): Wildcard | undefined {
  const [, start = '', end = ''] = WILDCARD.exec(entry) ?? [];
  const sample = `${start}x${end}`;
  return start !== '' && originOf(sample) === sample ? { start, end } : undefined;
}

/** Exactly as a browser sends it (RFC 6454 §6.2): lower case, no path, no default port. */
function originOf(address: string): string | undefined {
  const url = URL.parse(address);
  if (!url) return undefined;
  if (WEB.includes(url.protocol)) return url.origin;
  const host = url.host.toLowerCase();
  const isApp = APPS.includes(url.protocol) && APP_HOST.test(host);
  return isApp ? `${url.protocol}//${host}` : undefined;
}

/** Why an entry is not an origin, or what to write instead; `undefined` = it is one. */
export function originFault(entry: string): string | undefined {
  if (entry === '') return 'remove the extra comma';
  // If credentials contain one of these, parsers take a part of them for the host.
  if (/[/?#\\].*@/s.test(entry.replace(/^[^:/]*:\/\//, '')))
    return 'leave out user, password and path';
  if (entry.includes('*')) return wildcardFault(entry);
  if (/^null$/i.test(entry))
    return 'files and sandboxed frames have no origin; serve the page from an address';
  if (originOf(entry) === entry) return undefined;
  if (/\s|;/.test(entry)) return 'separate origins with commas';
  if (/^file:/i.test(entry)) return 'files have no origin; serve the page from an address';
  const suggestion = originOf(completed(entry));
  if (suggestion !== undefined) return `write ${suggestion}`;
  return `the schemes are ${[...WEB, ...APPS].map((scheme) => scheme.slice(0, -1)).join(', ')}`;
}

function wildcardFault(entry: string): string | undefined {
  if (wildcardOf(entry)) return undefined;
  const suggestion = originOf(completed(entry));
  if (suggestion !== undefined && wildcardOf(suggestion)) return `write ${suggestion}`;
  if (entry === '*') return 'list each origin';
  return '* stands for the whole first label of a domain, such as https://*.preview.example.com';
}

/** Without quotes, with the scheme that was left out or that a WebSocket has. */
function completed(text: string): string {
  const entry = text.replace(/^(["'])(.*)\1$/, '$2');
  if (/^wss?:/i.test(entry)) return entry.replace(/^ws/i, 'http');
  if (entry.includes('://')) return entry;
  const isLocal = /^(?:localhost|127\.|\[::1\])/i.test(entry);
  return `${isLocal ? 'http' : 'https'}://${entry.replace(/^\/\//, '')}`;
}
