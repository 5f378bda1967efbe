import type { FastifyInstance } from 'fastify';

const SWEEP_MS = 50;

/**
 * Closes connections that fall idle while the server stops. (`server.close` itself closes only
 * those idle at that moment; a client that was being answered would hold the process for the
 * keep-alive time.)
 */
export function drainOnClose(app: FastifyInstance): void {
  app.addHook('preClose', async () => {
    const sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS);
    app.server.once('close', () => clearInterval(sweep));
  });
}
