import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { noteArrival } from './arrival.ts';
import { endsConnection } from './raw-server.ts';

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
  // A server that stops answers what still comes, and takes no more on this connection.
  if (!app.server.listening || endsConnection(request.raw)) reply.header('connection', 'close');
}
