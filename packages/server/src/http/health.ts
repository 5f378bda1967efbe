import { sendJson } from './response/reply.ts';
import type { Http } from './server.ts';

/** Checks by name; each rejects when its part of the service cannot do its work. */
type Checks = Readonly<Record<string, () => Promise<void>>>;

/** Fails `/readyz`; resolves once a load balancer has had time to notice. */
export type Withdraw = () => Promise<void>;

// A balancer asks every second or two; without one nobody is kept waiting.
const ASKED_WITHIN_MS = 10_000;
const TIME_TO_HEAR_MS = 2000;

/**
 * `/healthz`: the process runs. `/readyz`: it can do its work; fails first when shutting down, so
 * a load balancer stops sending before the door closes.
 */
export function mountHealth({ app, log, timers }: Http, checks: Checks): Withdraw {
  let isClosing = false;
  let askedAt = Number.NEGATIVE_INFINITY;
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
      askedAt = timers.elapsed();
      const results = await Promise.all(
        Object.entries(checks).map(async ([name, check]) => [name, await outcomeOf(check)]),
      );
      const isReady = results.every(([, outcome]) => outcome === 'ok') && !isClosing;
      reply.code(isReady ? 200 : 503);
      if (!isReady) log(request, reply);
      const status = isReady ? 'ready' : isClosing ? 'stopping' : 'not ready';
      sendJson(reply, JSON.stringify({ status, ...Object.fromEntries(results) }));
      return reply;
    },
  );
  return async () => {
    isClosing = true;
    if (timers.elapsed() - askedAt < ASKED_WITHIN_MS)
      await new Promise<void>((resolve) => timers.after(TIME_TO_HEAR_MS, resolve));
  };
}

const outcomeOf = (check: () => Promise<void>) =>
  check().then(
    () => 'ok',
    () => 'unavailable',
  );
