/**
 * CORS (WHATWG Fetch §3.2) for listed origins. `Access-Control-Allow-Credentials` is for those listed
 * by their full name: many libraries always send credentials and fail without it. It reveals nothing:
 * the session's routes, which read cookies, have a list of their own, and the pages of an account
 * have no CORS at all.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { CookiePages } from '../request/cookie-page.ts';
import type { PageOriginOf } from '../request/origin.ts';
import type { Respond } from './respond.ts';

type Http = {
  readonly app: FastifyInstance;
  readonly respond: Respond;
  readonly pageOf: PageOriginOf;
  readonly cookiePages: CookiePages;
  readonly cookiePaths: ReadonlySet<string>;
};

const PREFLIGHT = {
  'access-control-allow-methods': 'GET, POST, DELETE',
  'access-control-max-age': '600',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};
const ALLOWED_HEADERS = ['Authorization', 'Content-Type', 'X-Request-Id'];
// RFC 9110 §5.6.2.
const TOKEN = /^[\w!#$%&'*+.^`|~-]{1,64}$/;

/** The fix for the log, when a page's origin is refused by mistake. */
const listIn = (variable: string) =>
  `list it in ${variable}, or, if a proxy serves both under one address, have the proxy pass on the Host header`;
const REMEDY = listIn('GATEPASS_CORS_ORIGINS');
const COOKIE_REMEDY = listIn('GATEPASS_COOKIE_ORIGINS');

/**
 * Without listed origins no response has `Vary`.
 *
 * @param remedy the fix, if it is not to list the origin
 */
export function allowOrigins(
  { app, respond, pageOf, cookiePages, cookiePaths }: Http,
  isAnyListed: boolean,
  logger: Logger,
  remedy = REMEDY,
): void {
  const warn = createWarning(logger);
  const cookiePageOf = ({ headers }: FastifyRequest) => {
    if (cookiePages.isNamed(headers)) return 'listed';
    return headers['sec-fetch-site'] === 'same-origin' ? 'own' : 'foreign';
  };
  app.addHook('onRequest', (request, reply, done) => {
    if (isAnyListed) reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || request.routeOptions.config.isOwnPage) return done();
    const usesCookie = cookiePaths.has(request.routeOptions.url ?? '');
    const page = usesCookie ? cookiePageOf(request) : pageOf(request.headers);
    if (usesCookie) reply.header('vary', 'Origin');
    if (page === 'foreign') warn(request, usesCookie ? COOKIE_REMEDY : remedy);
    if (page !== 'listed' && page !== 'wildcard') return done();
    reply.header('access-control-allow-origin', origin);
    if (page === 'listed') reply.header('access-control-allow-credentials', 'true');
    if (request.method === 'OPTIONS' && 'access-control-request-method' in request.headers) {
      // Before any guard: a browser asks without the token.
      reply.code(204).headers({ ...PREFLIGHT, 'x-request-id': request.id });
      reply.header('access-control-allow-headers', allowedHeaders(request));
      respond(request, reply);
      return;
    }
    reply.header(
      'access-control-expose-headers',
      'Link, Retry-After, RateLimit, RateLimit-Policy, X-Known-Device, X-Request-Id',
    );
    done();
  });
}

/** Our own headers and all requested ones, such as `traceparent`: a header does nothing by itself. */
function allowedHeaders({ headers }: FastifyRequest): string {
  const asked = headers['access-control-request-headers'] ?? '';
  const names = asked.split(',').map((name) => name.trim());
  return [...ALLOWED_HEADERS, ...names.filter((name) => TOKEN.test(name))].join(', ');
}

const MAX_WARNINGS = 20;
const PRINTABLE = /^[\w+.-]{1,32}:\/\/[\w.:[\]-]{1,100}$/;

/** One line for each unlisted origin, up to a limit: an attacker can invent origins. */
function createWarning(logger: Logger) {
  const told = new Set<string>();
  return ({ headers: { origin = '', host } }: FastifyRequest, remedy: string): void => {
    const name = PRINTABLE.test(origin) ? origin : origin === 'null' ? 'null' : 'malformed';
    if (told.has(name) || told.size === MAX_WARNINGS) return;
    told.add(name);
    logger.warn(
      { origin: name, host },
      `pages of the origin ${name} cannot use this service: ${remedy}`,
    );
    if (told.size === MAX_WARNINGS)
      logger.warn(`${MAX_WARNINGS} unlisted origins have been seen; no more are logged`);
  };
}
