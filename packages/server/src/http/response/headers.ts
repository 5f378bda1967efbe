import type { FastifyReply, FastifyRequest } from 'fastify';
import { endsConnection } from '../edge/server.ts';

// A year; without subdomains, which may belong to other services.
const STRICT_TRANSPORT = 'max-age=31536000';

/** The headers of every response. Called by the first hook of every route. */
export function setHeaders(
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
  // Browsers ignore HSTS on plain HTTP (RFC 6797 §8.1), so a forged X-Forwarded-Proto is harmless and
  // no proxy has to be trusted.
  if (request.headers['x-forwarded-proto'] === 'https')
    reply.header('strict-transport-security', STRICT_TRANSPORT);
  if (endsConnection(request.raw)) reply.header('connection', 'close');
}
