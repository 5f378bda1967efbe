import type { FastifyInstance } from 'fastify';
import { sendJson } from './reply.ts';

/**
 * `/healthz`: the process runs. `/readyz`: it can do its work; fails first when shutting down, so
 * a load balancer stops sending before the door closes.
 *
 * @param ping rejects when the database cannot answer
 */
export function mountHealth(app: FastifyInstance, ping: () => Promise<void>): void {
  let isClosing = false;
  app.addHook('preClose', async () => {
    isClosing = true;
  });
  app.get(
    '/healthz',
    { schema: { summary: 'Is the process alive?', tags: ['health'] } },
    (_, reply) => sendJson(reply, '{"status":"ok"}'),
  );
  app.get(
    '/readyz',
    { schema: { summary: 'Can it serve? 503 when not', tags: ['health'] } },
    async (_, reply) => {
      const database = await ping().then(
        () => 'ok',
        () => 'unavailable',
      );
      const isReady = database === 'ok' && !isClosing;
      reply.code(isReady ? 200 : 503);
      const status = isReady ? 'ready' : isClosing ? 'stopping' : 'not ready';
      sendJson(reply, JSON.stringify({ status, database }));
      return reply;
    },
  );
}
