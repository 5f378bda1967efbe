import type { FastifyInstance } from 'fastify';
import { type ObjectSchema, text } from './openapi/schema.ts';
import type { Handler } from './plain.ts';
import type { ResourceFacts } from './resource.ts';
import { sendJson } from './response/respond.ts';
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

const described = (operationId: string, summary: string): ResourceFacts['actions'] => ({
  GET: { operationId, summary, response: HEALTH, unavailable: HEALTH },
});

/** For the OpenAPI document. */
export const LIVENESS = described('checkLiveness', 'Is the process alive?');
export const READINESS = described('checkReadiness', 'Can it serve? 503 when not');

// A load balancer polls every second or two; without one there is no reason to wait.
const ASKED_WITHIN_MS = 10_000;
const TIME_TO_HEAR_MS = 2000;
const SWEEP_MS = 50;

export type Health = ReturnType<typeof createHealth>;

/** Probes of load balancers. Readiness fails first when shutting down, before the port is closed. */
export function createHealth({ app, timers }: Http, checks: Checks) {
  let isClosing = false;
  let askedAt = Number.NEGATIVE_INFINITY;
  app.addHook('preClose', async () => {
    isClosing = true;
    sweepIdleConnections(app);
  });
  const liveness: Handler = (_, reply) => sendJson(reply, '{"status":"ok"}');
  const readiness: Handler = async (_, reply) => {
    askedAt = timers.elapsed();
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await outcomeOf(check)]),
    );
    const isReady = results.every(([, outcome]) => outcome === 'ok') && !isClosing;
    reply.code(isReady ? 200 : 503);
    const status = isReady ? 'ready' : isClosing ? 'stopping' : 'not ready';
    sendJson(reply, JSON.stringify({ status, ...Object.fromEntries(results) }));
  };
  const withdraw: Withdraw = async () => {
    isClosing = true;
    if (timers.elapsed() - askedAt < ASKED_WITHIN_MS)
      await new Promise<void>((resolve) => timers.after(TIME_TO_HEAR_MS, resolve));
  };
  return { liveness, readiness, withdraw };
}

/**
 * Closes connections that become idle while the server stops. (`server.close` closes only those that
 * are idle at that moment; a client whose request was still open would keep the process for the
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
