import type { FastifyInstance } from 'fastify';
import type { AnswerLog } from './answer-log.ts';
import { sendJson } from './reply.ts';

/** Checks by name; each rejects when its part of the service cannot do its work. */
type Checks = Readonly<Record<string, () => Promise<void>>>;

/**
 * `/healthz`: the process runs. `/readyz`: it can do its work; fails first when shutting down, so
 * a load balancer stops sending before the door closes.
 */
export function mountHealth(app: FastifyInstance, checks: Checks): void {
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
    async (request, reply) => {
      const results = await Promise.all(
        Object.entries(checks).map(async ([name, check]) => [name, await outcomeOf(check)]),
      );
      const isReady = results.every(([, outcome]) => outcome === 'ok') && !isClosing;
      reply.code(isReady ? 200 : 503);
      if (!isReady) app.getDecorator<AnswerLog>('logAnswer')(request, reply);
      const status = isReady ? 'ready' : isClosing ? 'stopping' : 'not ready';
      sendJson(reply, JSON.stringify({ status, ...Object.fromEntries(results) }));
      return reply;
    },
  );
}

const outcomeOf = (check: () => Promise<void>) =>
  check().then(
    () => 'ok',
    () => 'unavailable',
  );
