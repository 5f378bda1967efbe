/**
 * Refusals before routing: requests that Node's parser accepts although two readers could understand
 * them differently (RFC 9112 §11.2), and connections that send no request at all. Measured on Node
 * 26: unknown transfer codings and repeated Host or Authorization headers reach the handler; headers
 * beyond a count are dropped silently.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { NOT_FOUND, Refusal } from '../../errors.ts';
import { badRequest, HEADERS_TOO_LARGE, REQUEST_TIMEOUT } from '../refusals.ts';
import { languageOf } from '../request/language.ts';
import { responseTo } from '../response/refusal.ts';

const MAX_HEADERS = 100;
// RFC 3986 §3.2.2 with a port; may be empty (RFC 9112 §3.2).
const HOST = /^[\w.~!$&'()*+,;=:%[\]-]*$/;
// Letters, digits and -._~ need no encoding (RFC 3986 §2.3). Encoded in a path, they would only
// bypass a proxy's rule: to a proxy that compares bytes, `/%61pi/revocations` is another path.
const ENCODED_UNRESERVED = /^[^?]*%(?:2[de]|3\d|[46][1-9a-f]|[57][\da]|5f|7e)/i;
// Below these, clients of SimpleJWT may rely on Django, which decodes them.
const CONTRACT = /^\/api\/(?:token|users)(?:\/|$)/;

function isOfContract(url: string): boolean {
  try {
    return CONTRACT.test(decodeURIComponent(url.split('?')[0] ?? ''));
  } catch {
    return false;
  }
}

const ONCE_ONLY = new Set(['host', 'authorization', 'content-type', 'content-length']);

/** Why a request may not be routed, or `undefined`. */
export function faultOf(request: IncomingMessage): Refusal | undefined {
  const { rawHeaders, headers, url = '' } = request;
  if (rawHeaders.length > 2 * MAX_HEADERS) return new Refusal(HEADERS_TOO_LARGE);
  if (headers.host === undefined ? request.httpVersion !== '1.0' : !HOST.test(headers.host))
    return badRequest('no valid host header');
  if (!url.startsWith('/') && url !== '*') return badRequest('the target must be a path');
  if (url.includes('%') && ENCODED_UNRESERVED.test(url) && !isOfContract(url))
    return new Refusal(NOT_FOUND);
  const coding = headers['transfer-encoding'];
  // HTTP/1.0 has no transfer codings: an HTTP/1.0 reader sees another body (RFC 9112 §6.1).
  if (coding !== undefined && (coding.toLowerCase() !== 'chunked' || request.httpVersion === '1.0'))
    return badRequest('the only transfer coding is chunked');
  if (rawHeaders.length > 2 * Object.keys(headers).length) return repeatedHeader(rawHeaders);
  return undefined;
}

function repeatedHeader(rawHeaders: readonly string[]): Refusal | undefined {
  const seen = new Set<string>();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    if (ONCE_ONLY.has(name) && seen.has(name)) return badRequest(`more than one ${name} header`);
    seen.add(name);
  }
  return undefined;
}

/** Logs one refusal of bytes that never became a request of Fastify's. */
export type UnreadLog = (status: number, socket: Socket) => void;

export type RawRefusals = ReturnType<typeof createRawRefusals>;

/** The refusals outside Fastify; each is logged. */
export function createRawRefusals(log: UnreadLog) {
  const closing = new WeakSet<Socket>();

  /**
   * Marks a request as the last of its connection: nothing pipelined after it is executed (RFC 9112
   * §9.6).
   */
  function closeAfter({ socket }: IncomingMessage): void {
    closing.add(socket);
  }

  /** Refuses and closes the connection: the bytes that follow cannot be trusted. */
  function send(
    request: IncomingMessage,
    response: ServerResponse,
    status: number,
    body: object,
  ): void {
    closeAfter(request);
    log(status, request.socket);
    const text = JSON.stringify(body);
    const headers = { ...RAW_HEADERS, 'content-length': Buffer.byteLength(text) };
    response.writeHead(status, headers).end(text);
  }

  /** Writes a refusal to a connection without a response object, and closes it. */
  function refuseBytes(socket: Socket, refusal: Refusal): void {
    const { status, body } = responseTo(refusal, 'en');
    log(status, socket);
    const text = JSON.stringify(body);
    const headers = { ...RAW_HEADERS, 'content-length': text.length };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(
      `HTTP/1.1 ${status} ${REASON[status] ?? 'Bad Request'}\r\n${lines.join('')}\r\n${text}`,
    );
    // Not end(): the peer could keep its half of the connection open for ever.
    socket.destroySoon();
  }

  return {
    closeAfter,

    /** Whether a request follows one that was marked as the last of its connection. */
    isTooLate: ({ socket }: IncomingMessage): boolean => closing.has(socket),

    refuseRequest(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
      const { status, body } = responseTo(refusal, languageOf(request.headers['accept-language']));
      send(request, response, status, body);
    },

    /** RFC 9110 §10.1.1: `100-continue` is the only expectation there is. */
    refuseExpectation(request: IncomingMessage, response: ServerResponse): void {
      const refusal = badRequest('the only expectation is 100-continue');
      const { body } = responseTo(refusal, languageOf(request.headers['accept-language']));
      send(request, response, 417, body);
    },

    /** Refuses bytes that are not an HTTP request. */
    refuseSocket(error: Error & { code?: string }, socket: Connection): void {
      if (error.code === 'ECONNRESET' || !socket.writable) {
        socket.destroy();
        return;
      }
      const pending = socket._httpMessage;
      if (pending && (pending.headersSent || pending.req.complete)) endAfter(pending, socket);
      else if (error.code !== 'HPE_CLOSED_CONNECTION') refuseBytes(socket, refusalFor(error));
    },

    /** Refuses `CONNECT`. */
    refuseTunnel(socket: Connection): void {
      // Node no longer listens to this socket: an error without a listener would end the process.
      socket.on('error', () => socket.destroy());
      const pending = socket._httpMessage;
      if (pending) endAfter(pending, socket);
      else refuseBytes(socket, badRequest('the target must be a path'));
    },
  };
}

const RAW_HEADERS = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  connection: 'close',
};

/** Node's name for the next response of the connection. */
type Connection = Socket & { readonly _httpMessage?: ServerResponse | null };

/**
 * Sends the pending response and nothing after it: the client would mistake a refusal of later bytes
 * for the response to its request.
 */
function endAfter(pending: ServerResponse, socket: Socket): void {
  pending.shouldKeepAlive = false;
  pending.once('finish', () => socket.destroySoon());
  socket.pause();
}

function refusalFor({ code }: { code?: string }): Refusal {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Refusal(REQUEST_TIMEOUT);
  if (code === 'HPE_HEADER_OVERFLOW') return new Refusal(HEADERS_TOO_LARGE);
  return badRequest('not valid HTTP');
}

const REASON: Record<number, string> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};
