/** Which page sent a request, by `Origin` and Fetch Metadata. Clients other than browsers send neither. */
import type { IncomingHttpHeaders } from 'node:http';
import { wildcardOf } from '../../config/origins.ts';

type PageOrigin =
  /** No page: a program, or a link that was opened. */
  | 'none'
  /** A page of this service, or of a proxy that passes this service on as its own. */
  | 'own'
  /** Listed by its full name. */
  | 'listed'
  /** Matches a listed wildcard. */
  | 'wildcard'
  /** A page of any other site. */
  | 'foreign';

const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

export type PageOriginOf = (headers: IncomingHttpHeaders) => PageOrigin;

/**
 * @param listed the entries of GATEPASS_CORS_ORIGINS
 * @param publicUrl the address people see, if configured: its origin is the service's own
 */
export function createPageOrigins(listed: readonly string[], publicUrl = ''): PageOriginOf {
  const ownOrigin = URL.parse(publicUrl)?.origin;
  const wildcards = listed.flatMap((entry) => wildcardOf(entry) ?? []);
  const exact = new Set(listed.filter((entry) => !wildcardOf(entry)));
  const matches = (origin: string) =>
    wildcards.some(
      ({ start, end }) =>
        origin.startsWith(start) &&
        origin.endsWith(end) &&
        LABEL.test(origin.slice(start.length, -end.length)),
    );

  return (headers) => {
    const { origin, 'sec-fetch-site': site } = headers;
    if (origin === undefined) return site === 'cross-site' ? 'foreign' : 'none';
    if (exact.has(origin)) return 'listed';
    if (wildcards.length > 0 && matches(origin)) return 'wildcard';
    // Scripts cannot set Sec-Fetch-Site. Browsers leave it out over plain HTTP, and old ones always.
    if (site === 'same-origin') return 'own';
    if (site === 'cross-site') return 'foreign';
    return origin === ownOrigin || isOwn(origin, headers) ? 'own' : 'foreign';
  };
}

/**
 * Whether an origin has the host that the request was sent to. The scheme is not compared: behind a
 * TLS proxy it is not known. `X-Forwarded-Host` needs no trusted proxy here, because a page cannot
 * add a header to a request without a preflight.
 */
function isOwn(origin: string, { host, 'x-forwarded-host': forwarded }: IncomingHttpHeaders) {
  const page = URL.parse(origin);
  if (!page || page.host === '') return false;
  return [host, forwarded]
    .flatMap((value) => String(value ?? '').split(','))
    .some((name) => URL.parse(`${page.protocol}//${name.trim()}`)?.host === page.host);
}
