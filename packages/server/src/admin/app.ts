/** HTTP of the admin listener, over the services of the process. */
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Timers } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { HttpMetrics } from '../http/request-log.ts';
import { createHttpServer } from '../http/server.ts';
import { ADDRESS_FORMAT } from '../users/email.ts';
import { guardEdge } from './edge.ts';
import { type AdminRoutesDeps, adminRoutes } from './routes.ts';

type Deps = {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics?: { readonly http: HttpMetrics } | undefined;
  readonly timers?: Timers | undefined;
};

/** Ready to listen; it keeps nothing of its own, so it may be closed before or after the service. */
export function createAdminApp(deps: Deps, uses: AdminRoutesDeps): FastifyInstance {
  const { config, logger, metrics, timers } = deps;
  const { trustedProxies, adminUrl: publicUrl } = config;
  const edge = {
    ...{ corsOrigins: [], publicUrl, trustedProxies, authHeaderTypes: ['Bearer'] },
    originRemedy:
      'the admin listener serves its own pages alone; if a proxy serves it under this address, set GATEPASS_ADMIN_URL to it',
  };
  const http = createHttpServer(logger, edge, metrics?.http, ADDRESS_FORMAT, timers);
  guardEdge(http, config);
  for (const resource of adminRoutes(uses)) resource.mount(http);
  return http.app;
}
