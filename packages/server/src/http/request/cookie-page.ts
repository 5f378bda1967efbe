/** Which requests may use the session's cookie: the defence against cross-site request forgery. */
import type { IncomingHttpHeaders } from 'node:http';
import { keepsCookies } from '../../config/cookie-settings.ts';
import { Refusal } from '../../errors.ts';
import { CROSS_SITE_REQUEST, FORM_NOT_ACCEPTED, NO_COOKIES } from '../refusals.ts';

export type CookiePages = ReturnType<typeof createCookiePages>;

/** Media types that a form can send without a preflight (WHATWG Fetch §2.2.2). */
const FORM_TYPES = new Set([
  '',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'text/plain',
]);

/**
 * @param listed the entries of GATEPASS_COOKIE_ORIGINS
 * @param publicUrl the address people see; without one there is no cookie mode
 */
export function createCookiePages(listed: readonly string[], publicUrl = '') {
  const named = new Set([URL.parse(publicUrl)?.origin, ...listed]);
  const isOn = keepsCookies(publicUrl);

  /** Whether the origin of a request is that of the public URL or is listed. */
  const isNamed = ({ origin }: IncomingHttpHeaders): boolean =>
    isOn && origin !== undefined && named.has(origin);

  const ownOrigin = URL.parse(publicUrl)?.origin;

  return {
    isNamed,

    /** Whether sessions are kept in cookies here. */
    isOn,

    /**
     * Admits the form of one of our own pages, which browsers send with the session's cookie.
     * Browsers without Fetch Metadata name the origin of a form.
     *
     * @throws {Refusal} `no_cookies` or `cross_site_request`
     */
    assertOwnForm({ origin, 'sec-fetch-site': site }: IncomingHttpHeaders): void {
      if (!isOn) throw new Refusal(NO_COOKIES);
      const isOwn = site === undefined ? origin === ownOrigin : site === 'same-origin';
      if (!isOwn) throw new Refusal(CROSS_SITE_REQUEST);
    },

    /**
     * Whether a request that a proxy passes on may read something with the cookie. Images and event
     * streams have no `Origin`; a request with one may be a WebSocket or a form, and must be of a
     * listed page.
     */
    mayRead(headers: IncomingHttpHeaders): boolean {
      const { origin, 'sec-fetch-site': site } = headers;
      const isOfSite = site === 'same-origin' || (site === 'same-site' && origin === undefined);
      return isOn && isRead(headers) && (isOfSite || isNamed(headers));
    },

    /**
     * Admits a listed page. Browsers send the cookie by themselves, so a request that does not say
     * from which page it comes is refused as well.
     *
     * @throws {Refusal} `no_cookies`, `cross_site_request` or `form_not_accepted`
     */
    assertAdmitted(headers: IncomingHttpHeaders): void {
      if (!isOn) throw new Refusal(NO_COOKIES);
      if (headers['sec-fetch-site'] !== 'same-origin' && !isNamed(headers))
        throw new Refusal(CROSS_SITE_REQUEST);
      if (hasBody(headers) && FORM_TYPES.has(mediaTypeOf(headers)))
        throw new Refusal(FORM_NOT_ACCEPTED);
    },
  };
}

/** By the method that the proxy reports: its own request is always GET. */
const isRead = (headers: IncomingHttpHeaders) =>
  ['x-forwarded-method', 'x-original-method']
    .map((name) => headers[name])
    .every((method) => method === undefined || method === 'GET' || method === 'HEAD');

const hasBody = ({
  'content-length': length = '0',
  'transfer-encoding': coding,
}: IncomingHttpHeaders) => length !== '0' || coding !== undefined;

const mediaTypeOf = ({ 'content-type': type = '' }: IncomingHttpHeaders): string =>
  (type.split(';')[0] ?? '').trim().toLowerCase();
