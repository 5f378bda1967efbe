import type { FastifyReply } from 'fastify';

/** A signal that aborts when the client goes away before its answer was written. */
export function disconnectSignal({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
