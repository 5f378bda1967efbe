import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { noteArrival } from '../arrival.ts';
import { endsConnection } from '../edge/server.ts';

// A year; subdomains are not ours to speak for.
const STRICT_TRANSPORT = 'max-age=31536000';

/** What every answer carries. Called by the first hook of every route. */
export function setHeaders(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  more?: Record<string, string>,
): void {
  noteArrival(request);
  reply.headers({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': request.id,
    ...more,
  });
  // Whoever claims TLS of a plain connection tells a browser nothing: it ignores the header there
  // (RFC 6797 §8.1). So no proxy has to be trusted for it.
  if (request.headers['x-forwarded-proto'] === 'https')
    reply.header('strict-transport-security', STRICT_TRANSPORT);
  // A server that stops answers what still comes, and takes no more on this connection.
  if (!app.server.listening || endsConnection(request.raw)) reply.header('connection', 'close');
}
