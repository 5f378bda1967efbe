/** HTTP of the admin listener, over the services of the process. */
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { systemTimers, type Timers } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { deferApp } from '../http/deferred.ts';
import { createUnreadLog, type HttpMetrics } from '../http/request-log.ts';
import { createHttpServer } from '../http/server.ts';
import { ADDRESS_FORMAT } from '../users/email.ts';
import { guardEdge } from './edge.ts';
import type { AdminRoutesDeps } from './routes.ts';

type Deps = {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics?: { readonly http: HttpMetrics } | undefined;
  readonly timers?: Timers | undefined;
};

/**
 * Ready to listen; it keeps nothing of its own, so it may be closed before or after the service. Its
 * routes are made for the first request: 8 MiB of a process, and most get none (decision 101).
 */
export function createAdminApp(deps: Deps, uses: AdminRoutesDeps): FastifyInstance {
  const { config, logger, metrics, timers = systemTimers } = deps;
  const { trustedProxies, adminUrl: publicUrl } = config;
  const edge = {
    ...{ corsOrigins: [], publicUrl, trustedProxies, authHeaderTypes: ['Bearer'] },
    originRemedy:
      'the admin listener serves its own pages alone; if a proxy serves it under this address, set GATEPASS_ADMIN_URL to it',
  };
  const counts = metrics?.http;
  return deferApp(logger, createUnreadLog(logger, timers, counts), async (refusals) => {
    const { adminRoutes } = await import('./routes.ts');
    const http = createHttpServer(logger, edge, counts, ADDRESS_FORMAT, timers, refusals);
    guardEdge(http, config);
    for (const resource of adminRoutes(uses)) resource.mount(http);
    return http.app;
  });
}
