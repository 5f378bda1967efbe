import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';

// Answered thousands of times a second and told by metrics; logged only when something is wrong.
const ROUTINE = new Set([
  '/api/token/verify',
  '/api/token/refresh',
  '/api/revocations',
  '/healthz',
  '/readyz',
]);

/**
 * One line per answered request, from an allow-list of fields: never a body, a query string or a
 * header. Routine successes are `debug`, server errors `warn` (their cause is its own line), the rest `info`.
 */
export function logRequests(app: FastifyInstance, logger: Logger): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { statusCode } = reply;
    const route = request.is404 ? null : (request.routeOptions.url ?? null);
    const isRoutine = statusCode < 400 && route !== null && ROUTINE.has(route);
    const level = statusCode >= 500 ? 'warn' : isRoutine ? 'debug' : 'info';
    if (logger.isLevelEnabled(level)) {
      logger[level](
        {
          request_id: request.id,
          method: request.method,
          route,
          status: statusCode,
          ms: Math.round(reply.elapsedTime * 10) / 10,
          ip: request.ip,
        },
        'request',
      );
    }
    done();
  });
}
