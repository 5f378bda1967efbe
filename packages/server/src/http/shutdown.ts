import type { FastifyInstance } from 'fastify';

const SWEEP_MS = 50;

/**
 * Lets a stopping server finish: requests that still arrive are told to close their connection,
 * and connections that fall idle are closed. (`server.close` itself closes only those idle at that
 * moment; a client that was being answered would hold the process for the keep-alive time.)
 */
export function drainOnClose(app: FastifyInstance): void {
  let isClosing = false;
  app.addHook('preClose', async () => {
    isClosing = true;
    const sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS);
    app.server.once('close', () => clearInterval(sweep));
  });
  app.addHook('onRequest', (_request, reply, done) => {
    if (isClosing) reply.header('connection', 'close');
    done();
  });
}
