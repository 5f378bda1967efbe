import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ObjectSchema, text } from './openapi/schema.ts';
import type { ResourceFacts } from './resource.ts';
import { setHeaders } from './response/headers.ts';
import type { Http } from './server.ts';

/** Checks by name; each rejects when its part of the service cannot do its work. */
type Checks = Readonly<Record<string, () => Promise<void>>>;

/** Fails `/readyz`; resolves once a load balancer has had time to notice. */
export type Withdraw = () => Promise<void>;

const HEALTH = {
  title: 'Health',
  type: 'object',
  required: ['status'],
  properties: { status: text },
  additionalProperties: text,
} as const satisfies ObjectSchema;

/** What the OpenAPI document says of the two. */
export const PROBES: readonly ResourceFacts[] = [
  probe('/healthz', 'checkLiveness', 'Is the process alive?'),
  probe('/readyz', 'checkReadiness', 'Can it serve? 503 when not'),
];

function probe(path: string, operationId: string, summary: string): ResourceFacts {
  const GET = { operationId, summary, response: HEALTH, unavailable: HEALTH };
  return { path, isGuarded: false, actions: { GET } };
}

// A balancer asks every second or two; without one there is no reason to wait.
const ASKED_WITHIN_MS = 10_000;
const TIME_TO_HEAR_MS = 2000;
const SWEEP_MS = 50;

/**
 * `/healthz`: the process runs. `/readyz`: it can do its work; fails first when shutting down, so
 * a load balancer stops sending before the door closes.
 */
export function mountHealth({ app, respond, timers }: Http, checks: Checks): Withdraw {
  let isClosing = false;
  let askedAt = Number.NEGATIVE_INFINITY;
  app.addHook('preClose', async () => {
    isClosing = true;
    sweepIdleConnections(app);
  });
  const onRequest = (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    setHeaders(app, request, reply);
    done();
  };
  app.get('/healthz', { onRequest }, (request, reply) =>
    respond(request, reply, '{"status":"ok"}'),
  );
  app.get('/readyz', { onRequest }, async (request, reply) => {
    askedAt = timers.elapsed();
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await outcomeOf(check)]),
    );
    const isReady = results.every(([, outcome]) => outcome === 'ok') && !isClosing;
    reply.code(isReady ? 200 : 503);
    const status = isReady ? 'ready' : isClosing ? 'stopping' : 'not ready';
    respond(request, reply, JSON.stringify({ status, ...Object.fromEntries(results) }));
    return reply;
  });
  return async () => {
    isClosing = true;
    if (timers.elapsed() - askedAt < ASKED_WITHIN_MS)
      await new Promise<void>((resolve) => timers.after(TIME_TO_HEAR_MS, resolve));
  };
}

/**
 * Closes connections that fall idle while the server stops. (`server.close` itself closes only
 * those idle at that moment; a client whose request was still open would hold the process for the
 * keep-alive time.)
 */
function sweepIdleConnections({ server }: FastifyInstance): void {
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  server.once('close', () => clearInterval(sweep));
}

const outcomeOf = (check: () => Promise<void>) =>
  check().then(
    () => 'ok',
    () => 'unavailable',
  );
