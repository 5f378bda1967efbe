/**
 * HTTP plumbing: limits, security headers, request ids, the request log, errors → responses.
 * Owns nothing of the domain; features hand it resources. Imported by app.ts and, for actions,
 * fields and resources, by features and routes.ts.
 */

import { randomBytes } from 'node:crypto';
import type { Server } from 'node:net';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { systemTimers, type Timers } from '../clock.ts';
import { isDatabaseUnavailable, isOutage } from '../database/faults.ts';
import { NOT_FOUND, Refusal, UNAVAILABLE, unavailable } from '../errors.ts';
import { createSerializerCompiler, createValidatorCompiler } from './compilers.ts';
import { createRawRefusals, type RawRefusals } from './edge/requests.ts';
import { createRawServer, HEADERS_LIMIT } from './edge/server.ts';
import { BODY_TOO_LARGE, badRequest, INTERNAL_ERROR, unsupportedMediaType } from './refusals.ts';
import { BODY_LIMIT, readBodies } from './request/body.ts';
import { type AddressOf, createAddressOf } from './request/client-address.ts';
import { type CookiePages, createCookiePages } from './request/cookie-page.ts';
import { languageOf } from './request/language.ts';
import { createPageOrigins, type PageOriginOf } from './request/origin.ts';
import type { Formats } from './request/validation.ts';
import {
  createRequestLog,
  createUnreadLog,
  type HttpMetrics,
  idsOf,
  type RequestLog,
} from './request-log.ts';
import { allowOrigins } from './response/cors.ts';
import { setHeaders } from './response/headers.ts';
import { responseTo } from './response/refusal.ts';
import { createRespond, type Respond } from './response/respond.ts';

const REQUEST_ID = /^[\w.:-]{1,64}$/;

/** Shared by everything that is mounted on HTTP. */
export type Http = {
  readonly app: FastifyInstance;
  readonly log: RequestLog;
  readonly respond: Respond;
  readonly addressOf: AddressOf;
  readonly pageOf: PageOriginOf;
  readonly cookiePages: CookiePages;
  /** The routes that use the session's cookie; filled as they are mounted. */
  readonly cookiePaths: Set<string>;
  readonly timers: Timers;
};

/** A Fastify app without routes: each of its responses has the service's headers and shapes. */
export function createHttpServer(
  logger: Logger,
  edge: {
    readonly corsOrigins: readonly string[];
    readonly cookieOrigins?: readonly string[];
    readonly publicUrl?: string;
    readonly trustedProxies: readonly string[];
    readonly authHeaderTypes: readonly string[];
    /** For the log, about pages of other origins; default: to list them. */
    readonly originRemedy?: string;
  },
  metrics?: HttpMetrics,
  formats: Formats = {},
  timers = systemTimers,
  refusals = createRawRefusals(createUnreadLog(logger, timers, metrics)),
): Http {
  const app = Fastify({
    genReqId: createRequestIds(),
    bodyLimit: BODY_LIMIT,
    routerOptions: {
      ignoreTrailingSlash: true,
      // Longer parameters get a 404 like other unknown URLs; Fastify's own refusal has another shape.
      maxParamLength: HEADERS_LIMIT,
      onBadUrl: (_path, request, response) =>
        refusals.refuseRequest(request, response, new Refusal(NOT_FOUND)),
    },
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    clientErrorHandler: refusals.refuseSocket,
    serverFactory: (handler) => createRawServer(handler, refusals),
  });
  app.setValidatorCompiler(createValidatorCompiler(formats));
  app.setSerializerCompiler(createSerializerCompiler());
  app.decorateRequest('caller', undefined);
  const addressOf = createAddressOf(edge.trustedProxies, (peer) =>
    logger.warn(
      { peer },
      'X-Forwarded-For of a peer that GATEPASS_TRUSTED_PROXIES does not list is ignored: all its clients count as one',
    ),
  );
  const log = createRequestLog({ logger, timers, addressOf, metrics });
  const pageOf = createPageOrigins(edge.corsOrigins, edge.publicUrl);
  const cookiePages = createCookiePages(edge.cookieOrigins ?? [], edge.publicUrl);
  const cookiePaths = new Set<string>();
  const respond = createRespond(log);
  const http = { app, log, respond, addressOf, pageOf, cookiePages, cookiePaths, timers };
  readBodies(app);
  allowOrigins(http, edge.corsOrigins.length > 0, logger, edge.originRemedy);
  handleErrors(http, logger, refusals, metrics, edge.authHeaderTypes[0]);
  return http;
}

function handleErrors(
  { app, respond }: Http,
  logger: Logger,
  { closeAfter }: RawRefusals,
  metrics: HttpMetrics | undefined,
  scheme: string | undefined,
): void {
  const language = (request: FastifyRequest) => languageOf(request.headers['accept-language']);
  app.setNotFoundHandler((request, reply) => {
    setHeaders(request, reply);
    throw new Refusal(NOT_FOUND);
  });
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    // An error before the first hook, such as a body too large for no route at all.
    if (!reply.hasHeader('cache-control')) setHeaders(request, reply);
    const refusal = refusalOf(error, request);
    if (!refusal) {
      logger.error({ err: error, ...idsOf(request) }, 'request failed');
      const detail = INTERNAL_ERROR[language(request)];
      reply.code(500);
      respond(request, reply, JSON.stringify({ detail, request_id: request.id }));
      return;
    }
    if (!(error instanceof Refusal) && refusal.kind === UNAVAILABLE) {
      const level = isOutage(error) ? 'debug' : 'error';
      logger[level]({ reason: error.message, ...idsOf(request) }, 'database unavailable');
      metrics?.databaseFailed();
    }
    metrics?.refused(refusal.kind.code);
    const { status, headers, body } = responseTo(refusal, language(request), scheme);
    reply.code(status);
    // A chunked body that was refused before it was read: see endsConnection.
    if (request.headers['transfer-encoding'] !== undefined && !request.raw.complete) {
      closeAfter(request.raw);
      reply.header('connection', 'close');
    }
    reply.headers(headers);
    respond(request, reply, JSON.stringify(body));
  });
}

/** `undefined` = a bug. */
function refusalOf(error: FastifyError, request: FastifyRequest): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (isDatabaseUnavailable(error)) return unavailable();
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Refusal(BODY_TOO_LARGE, { values: { limit: BODY_LIMIT } });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return unsupportedMediaType(request.headers['content-type'] ?? '');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'ECONNRESET':
      return badRequest('the body is incomplete');
    default:
      return undefined;
  }
}

/** The caller's own id if it is safe in a log line, else a new one. */
function createRequestIds() {
  const prefix = randomBytes(4).toString('hex');
  let count = 0;
  return (request: { headers: Record<string, string | string[] | undefined> }): string => {
    const given = request.headers['x-request-id'];
    if (typeof given === 'string' && REQUEST_ID.test(given)) return given;
    count++;
    return `${prefix}-${count.toString(36)}`;
  };
}

/** The port of a server; `undefined` before it listens, or if it listens on no port. */
export function portOf(server: Server): number | undefined {
  const address = server.address();
  return typeof address === 'object' ? address?.port : undefined;
}
