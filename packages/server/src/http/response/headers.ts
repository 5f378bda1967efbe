import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { endsConnection } from '../edge/server.ts';

// A year; subdomains are not ours to speak for.
const STRICT_TRANSPORT = 'max-age=31536000';

/** The headers of every response. Called by the first hook of every route. */
export function setHeaders(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  more?: Record<string, string>,
): void {
  reply.headers({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': request.id,
    ...more,
  });
  // A browser ignores the field on a plain connection (RFC 6797 §8.1), so a false
  // X-Forwarded-Proto does nothing and no proxy has to be trusted.
  if (request.headers['x-forwarded-proto'] === 'https')
    reply.header('strict-transport-security', STRICT_TRANSPORT);
  // A server that is stopping responds to what still comes and takes no more on this connection.
  if (!app.server.listening || endsConnection(request.raw)) reply.header('connection', 'close');
}
