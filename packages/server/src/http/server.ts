/**
 * HTTP plumbing: limits, security headers, request ids, the request log, errors → responses.
 * Owns nothing of the domain; features hand it resources. Imported by app.ts and, for `action`
 * and `RequiredText`, by features.
 */
import { randomBytes } from 'node:crypto';
import { createServer, METHODS } from 'node:http';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { isDatabaseUnavailable } from '../database/faults.ts';
import { Refusal, type Refused } from '../errors.ts';
import { BODY_LIMIT, collectBodies } from './body.ts';
import { languageOf, say } from './messages.ts';
import { faultOf, refuseRaw, refuseSocket } from './raw-requests.ts';
import { answerTo } from './refusals.ts';
import { sendJson } from './reply.ts';
import { logRequests } from './request-log.ts';
import { drainOnClose } from './shutdown.ts';
import { AJV_OPTIONS } from './validation.ts';

const HEADERS_LIMIT = 16 * 1024;
// A slow client is closed within 10 s: the deadline plus one round of Node's checks.
const REQUEST_DEADLINE_MS = 9000;
const DEADLINE_CHECK_MS = 500;
const KEEP_ALIVE_MS = 72_000;
const REQUEST_ID = /^[\w.:-]{1,64}$/;

/** A Fastify app without routes: every answer of it has the service's headers and shapes. */
export function createHttpServer(logger: Logger): FastifyInstance {
  const app = Fastify({
    genReqId: createRequestIds(),
    bodyLimit: BODY_LIMIT,
    routerOptions: {
      ignoreTrailingSlash: true,
      onBadUrl: (_path, request, response) => refuseRaw(request, response, { code: 'not_found' }),
    },
    ajv: { customOptions: AJV_OPTIONS },
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    clientErrorHandler: refuseSocket,
    serverFactory: (handler) => {
      const server = createServer(
        {
          maxHeaderSize: HEADERS_LIMIT,
          headersTimeout: REQUEST_DEADLINE_MS,
          requestTimeout: REQUEST_DEADLINE_MS,
          connectionsCheckingInterval: DEADLINE_CHECK_MS,
          keepAliveTimeout: KEEP_ALIVE_MS,
        },
        (request, response) => {
          const fault = faultOf(request);
          if (fault) refuseRaw(request, response, fault);
          else handler(request, response);
        },
      );
      // No silent dropping: faultOf counts headers, maxHeaderSize bounds their bytes.
      server.maxHeadersCount = 0;
      return server;
    },
  });
  for (const method of METHODS) {
    if (!app.supportedMethods.includes(method)) app.addHttpMethod(method);
  }
  app.decorateRequest('caller', undefined);
  collectBodies(app);
  setHeaders(app);
  drainOnClose(app);
  logRequests(app, logger);
  handleErrors(app, logger);
  return app;
}

function setHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('cache-control', 'no-store');
    reply.header('x-content-type-options', 'nosniff');
    reply.header('x-request-id', request.id);
    done();
  });
}

function handleErrors(app: FastifyInstance, logger: Logger): void {
  const language = (request: FastifyRequest) => languageOf(request.headers['accept-language']);
  app.setNotFoundHandler(() => {
    throw new Refusal({ code: 'not_found' });
  });
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const refused = refusedOf(error, request);
    if (!refused) {
      logger.error({ err: error, request_id: request.id }, 'request failed');
      const detail = say(language(request), 'internal');
      reply.code(500);
      return sendJson(reply, JSON.stringify({ detail, request_id: request.id }));
    }
    if (!(error instanceof Refusal) && refused.code === 'unavailable')
      logger.error({ err: error, request_id: request.id }, 'database unavailable');
    const answer = answerTo(refused, language(request));
    reply.code(answer.status);
    if (answer.headers) reply.headers(answer.headers);
    return sendJson(reply, JSON.stringify(answer.body));
  });
}

/** `undefined` = nobody's fault but ours. */
function refusedOf(error: FastifyError, request: FastifyRequest): Refused | undefined {
  if (error instanceof Refusal) return error.refused;
  if (isDatabaseUnavailable(error)) return { code: 'unavailable', retryAfterSeconds: 1 };
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return { code: 'body_too_large', limit: BODY_LIMIT };
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return {
        code: 'unsupported_media_type',
        mediaType: request.headers['content-type'] ?? '',
      };
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'ECONNRESET':
      return { code: 'bad_request', what: 'the body is incomplete' };
    default:
      return undefined;
  }
}

/** A caller's own id where it is harmless in a log line, else one of ours. */
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
