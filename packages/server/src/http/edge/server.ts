/** The `node:http` server under Fastify: its limits, and the requests that never reach Fastify. */
import type {
  IncomingHttpHeaders,
  IncomingMessage,
  RequestListener,
  Server,
  ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { BODY_LIMIT } from '../request/body.ts';
import { faultOf, type RawRefusals } from './requests.ts';

/**
 * `node:http` without its lazy exports. `import … from 'node:http'` reads every one of them, among
 * them a web client that this server never uses: 7 MiB and 25 ms of each start.
 */
const http = process.getBuiltinModule('node:http');
export const { createServer } = http;

/** Methods that no URL has are routed as this one: 35 routes for each URL would take 6 MiB. */
const OTHER = 'PATCH';
export const METHODS = ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', OTHER];
const ROUTED = new Set(METHODS);

/** Records when its headers were complete, before any hook or refusal can run. */
class TimedRequest extends http.IncomingMessage {
  readonly arrivedAt = performance.now();
  /** Set if the request is routed as another method. */
  sentMethod: string | undefined = undefined;
  /** Set before it is routed. */
  server: Server | undefined = undefined;
}

/** The method that the client sent. */
export const methodOf = (request: IncomingMessage): string =>
  (request instanceof TimedRequest ? request.sentMethod : undefined) ?? request.method ?? '';

/** Milliseconds since the headers of a request of `createRawServer` were complete. */
export const millisecondsSince = (request: IncomingMessage): number =>
  request instanceof TimedRequest ? performance.now() - request.arrivedAt : 0;

/** Bytes of a request's first line and headers; more is 431. */
export const HEADERS_LIMIT = 16 * 1024;
// A slow client is closed within 10 s: the deadline plus one round of Node's checks.
const REQUEST_DEADLINE_MS = 9000;
const DEADLINE_CHECK_MS = 500;
// The connection of a client that does not read its response is closed after one or two of these
// periods; a period is longer than the pause between the heartbeats of an event stream.
const STALL_MS = 20_000;
const KEEP_ALIVE_MS = 72_000;

export function createRawServer(handler: RequestListener, refusals: RawRefusals): Server {
  const { isTooLate, refuseRequest, refuseExpectation, refuseTunnel } = refusals;
  const route = (request: IncomingMessage, response: ServerResponse) => {
    if (isTooLate(request)) return;
    if (request instanceof TimedRequest) request.server = server;
    const fault = faultOf(request);
    if (fault) return refuseRequest(request, response, fault);
    if (!ROUTED.has(request.method ?? '') && request instanceof TimedRequest) {
      request.sentMethod = request.method;
      request.method = OTHER;
    }
    response.on('timeout', closeStalled);
    handler(request, response);
  };
  const server = createServer(
    {
      IncomingMessage: TimedRequest,
      maxHeaderSize: HEADERS_LIMIT,
      headersTimeout: REQUEST_DEADLINE_MS,
      requestTimeout: REQUEST_DEADLINE_MS,
      connectionsCheckingInterval: DEADLINE_CHECK_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // Node would refuse a missing Host without a body; faultOf refuses it with one.
      requireHostHeader: false,
    },
    route,
  );
  server.timeout = STALL_MS;
  // No silent dropping: faultOf counts headers, maxHeaderSize bounds their bytes.
  server.maxHeadersCount = 0;
  server.on('checkContinue', (request, response) => {
    if (!isBodyTooLong(request.headers)) response.writeContinue();
    route(request, response);
  });
  server.on('checkExpectation', refuseExpectation);
  server.on('connect', (_request, socket: Socket) => refuseTunnel(socket));
  return server;
}

/** A connection that waits for its response is not stalled by its client, however long the work takes. */
function closeStalled(this: ServerResponse, socket: Socket): void {
  if (this.headersSent) socket.destroy();
  else socket.setTimeout(STALL_MS);
}

const isBodyTooLong = (headers: IncomingHttpHeaders) =>
  Number(headers['content-length']) > BODY_LIMIT;

/**
 * Whether the connection must end with this request. After the response Node reads the rest of the
 * body without a bound, and it drops the bytes after a request to upgrade. A stopping server responds
 * to open requests and then closes their connections.
 */
export function endsConnection(request: IncomingMessage): boolean {
  const { method, headers } = request;
  return (
    isBodyTooLong(headers) ||
    headers.upgrade !== undefined ||
    (headers['transfer-encoding'] !== undefined && method !== 'POST') ||
    (request instanceof TimedRequest && request.server?.listening === false)
  );
}
