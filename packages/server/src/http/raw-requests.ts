/**
 * What must be refused before routing: requests that Node's parser lets through although two
 * readers could understand them differently (RFC 9112 §11.2), and connections that send no request
 * at all. Measured on Node 26: unknown transfer codings and repeated Host or Authorization headers
 * reach the handler; headers beyond a count are dropped without a word.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Refused } from '../errors.ts';
import { languageOf } from './messages.ts';
import { answerTo } from './refusals.ts';

const MAX_HEADERS = 100;
const ONCE_ONLY = new Set(['host', 'authorization', 'content-type', 'content-length']);

/** Why a request may not be routed, or `undefined`. */
export function faultOf(request: IncomingMessage): Refused | undefined {
  const { rawHeaders, headers, url = '' } = request;
  if (rawHeaders.length > 2 * MAX_HEADERS) return { code: 'headers_too_large' };
  if (!url.startsWith('/') && url !== '*')
    return { code: 'bad_request', what: 'the target must be a path' };
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'chunked')
    return { code: 'bad_request', what: 'the only transfer coding is chunked' };
  if (rawHeaders.length > 2 * Object.keys(headers).length) return repeatedHeader(rawHeaders);
  return undefined;
}

function repeatedHeader(rawHeaders: readonly string[]): Refused | undefined {
  const seen = new Set<string>();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    if (ONCE_ONLY.has(name) && seen.has(name))
      return { code: 'bad_request', what: `more than one ${name} header` };
    seen.add(name);
  }
  return undefined;
}

/** Refuses outside Fastify and closes the connection: what follows on it cannot be trusted. */
export function refuseRaw(
  request: IncomingMessage,
  response: ServerResponse,
  refused: Refused,
): void {
  const { status, body } = answerTo(refused, languageOf(request.headers['accept-language']));
  response.writeHead(status, { ...RAW_HEADERS, connection: 'close' });
  response.end(JSON.stringify(body));
}

const RAW_HEADERS = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/** Answers bytes that are no HTTP request. */
export function refuseSocket(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const refused: Refused =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? { code: 'request_timeout' }
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? { code: 'headers_too_large' }
        : { code: 'bad_request', what: 'not valid HTTP' };
  const { status, body } = answerTo(refused, 'en');
  const text = JSON.stringify(body);
  const headers = { ...RAW_HEADERS, 'content-length': text.length, connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(
    `HTTP/1.1 ${status} ${REASON[status] ?? 'Bad Request'}\r\n${lines.join('')}\r\n${text}`,
  );
}

const REASON: Record<number, string> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};
