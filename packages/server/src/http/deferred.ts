/** A listener whose app is made for its first request. */
import Fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { createRawRefusals, type RawRefusals, type UnreadLog } from './edge/requests.ts';
import { createRawServer } from './edge/server.ts';

/**
 * @param create makes the app, which is never closed: it must own nothing. The refusals are what it
 * shares with the listener
 * @returns an app without routes, to listen and to close with
 */
export function deferApp(
  logger: Logger,
  unread: UnreadLog,
  create: (refusals: RawRefusals) => Promise<FastifyInstance>,
): FastifyInstance {
  const refusals = createRawRefusals(unread);
  let app: FastifyInstance | undefined;
  let made: Promise<void> | undefined;
  const make = async () => {
    app = await (await create(refusals)).ready();
  };
  return Fastify({
    forceCloseConnections: 'idle',
    clientErrorHandler: refusals.refuseSocket,
    serverFactory: () =>
      createRawServer((request, response) => {
        if (app) return app.routing(request, response);
        made ??= make();
        made.then(
          () => app?.routing(request, response),
          (err) => {
            logger.error({ err }, 'the app of a listener could not be made');
            response.destroy();
          },
        );
      }, refusals),
  });
}
