import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RequestView } from './action.ts';

/** What an action sees of a request; everything that costs something is computed when asked. */
export const viewOf = (request: FastifyRequest, reply: FastifyReply): RequestView => ({
  params: request.params as Record<string, string | undefined>,
  query: (name) => new URLSearchParams(request.url.split('?')[1]).getAll(name).at(-1),
  header: (name) => {
    const value = request.headers[name];
    return typeof value === 'string' ? value : undefined;
  },
  device: () => ({ userAgent: request.headers['user-agent'] ?? '', address: request.ip }),
  signal: () => disconnectSignal(reply),
});

function disconnectSignal({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
